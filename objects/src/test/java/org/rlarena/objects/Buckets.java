package org.rlarena.objects;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.rlarena.objects.testing.TestBucket;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** Stores as a service makes them, for tests without a service. */
final class Buckets {

  private Buckets() {}

  static BucketStore store(int port, String bucket, String secret) {
    URI endpoint = URI.create("http://127.0.0.1:" + port);
    var credentials =
        StaticCredentialsProvider.create(AwsBasicCredentials.create(TestBucket.ACCESS_KEY, secret));
    var pathStyle = S3Configuration.builder().pathStyleAccessEnabled(true).build();
    S3Client client =
        S3Client.builder()
            .endpointOverride(endpoint)
            .region(Region.US_EAST_1)
            .credentialsProvider(credentials)
            .serviceConfiguration(pathStyle)
            .httpClientBuilder(
                UrlConnectionHttpClient.builder().socketTimeout(Duration.ofSeconds(1)))
            .build();
    S3Presigner presigner =
        S3Presigner.builder()
            .endpointOverride(endpoint)
            .region(Region.US_EAST_1)
            .credentialsProvider(credentials)
            .serviceConfiguration(pathStyle)
            .build();
    return new BucketStore(client, presigner, new Settings(bucket));
  }

  private record Settings(String name) implements ObjectsConfig.S3 {

    @Override
    public Optional<URI> endpoint() {
      return Optional.empty();
    }

    @Override
    public Optional<String> region() {
      return Optional.empty();
    }

    @Override
    public boolean pathStyle() {
      return true;
    }

    @Override
    public Optional<String> bucket() {
      return Optional.of(name);
    }

    @Override
    public Optional<String> prefix() {
      return Optional.of("suite/");
    }

    @Override
    public Optional<String> encryption() {
      return Optional.empty();
    }

    @Override
    public Optional<String> kmsKey() {
      return Optional.empty();
    }
  }
}
