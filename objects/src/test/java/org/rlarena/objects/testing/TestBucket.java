package org.rlarena.objects.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.net.URI;
import java.util.Map;
import java.util.Properties;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.blobstore.TransientApiMetadata;

/** A server that speaks S3, in memory, with one bucket; and a service's settings for it. */
public final class TestBucket implements QuarkusTestResourceLifecycleManager {

  /** The bucket that is there. */
  public static final String NAME = "arena-test";

  /** What it lets in. */
  public static final String ACCESS_KEY = "test-access";

  /** The secret of {@link #ACCESS_KEY}. */
  public static final String SECRET_KEY = "test-secret";

  private BlobStoreContext context;
  private S3Proxy server;

  @Override
  public Map<String, String> start() {
    Properties identity = new Properties();
    identity.setProperty("jclouds.identity", "none");
    identity.setProperty("jclouds.credential", "none");
    context =
        ContextBuilder.newBuilder(new TransientApiMetadata())
            .overrides(identity)
            .buildView(BlobStoreContext.class);
    context.getBlobStore().createContainerInLocation(null, NAME);
    server =
        S3Proxy.builder()
            .blobStore(context.getBlobStore())
            .endpoint(URI.create("http://127.0.0.1:0"))
            .ignoreUnknownHeaders(true) // it knows no x-amz-checksum-sha256
            .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, SECRET_KEY)
            .build();
    try {
      server.start();
    } catch (Exception e) {
      throw new IllegalStateException("The S3 server of the tests does not start", e);
    }
    return Map.of(
        "arena.objects.backend",
        "s3",
        "arena.objects.s3.bucket",
        NAME,
        "arena.objects.s3.prefix",
        "suite/",
        "arena.objects.s3.endpoint",
        "http://127.0.0.1:" + port(),
        "arena.objects.s3.path-style",
        "true",
        "quarkus.s3.aws.credentials.type",
        "static",
        "quarkus.s3.aws.credentials.static-provider.access-key-id",
        ACCESS_KEY,
        "quarkus.s3.aws.credentials.static-provider.secret-access-key",
        SECRET_KEY);
  }

  /** Where it listens, on loopback. */
  public int port() {
    return server.getPort();
  }

  /** What it holds. */
  public BlobStore content() {
    return context.getBlobStore();
  }

  @Override
  public void stop() {
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("The S3 server of the tests does not stop", e);
    }
    context.close();
  }
}
