package org.rlarena.build.source;

import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.UUID;
import org.rlarena.access.ServiceTokenUnavailable;
import org.rlarena.access.ServiceTokens;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;

/** Fetches uploads from submission-service, straight to a file. */
@ApplicationScoped
public class SourceClient {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration ANSWER_TIMEOUT = Duration.ofSeconds(20);

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();
  private final ServiceTokens tokens;
  private final URI service;
  private final long maxBytes;

  SourceClient(ServiceTokens tokens, BuildConfig config) {
    this.tokens = tokens;
    this.service = config.submissionServiceUrl();
    this.maxBytes = config.limits().uploadBytes();
  }

  /**
   * Writes the upload of a submission to a file and checks size and digest.
   *
   * @throws PlatformFault if submission-service or auth-service is away or sends something else
   * @throws BuildFailed if submission-service no longer has the upload
   */
  public void fetch(UUID submissionId, Source source, Path target, RunControl control) {
    if (source.bytes() > maxBytes) {
      throw new BuildFailed(
          FailureReason.UNSAFE_ARCHIVE,
          "The upload is larger than %d MiB. Make it smaller and upload again."
              .formatted(maxBytes >> 20));
    }
    try {
      HttpResponse<InputStream> response =
          http.send(request(submissionId), HttpResponse.BodyHandlers.ofInputStream());
      try (InputStream body = response.body()) {
        switch (response.statusCode()) {
          case 200 -> save(body, source, target, control);
          case 404, 410 ->
              throw new BuildFailed(
                  FailureReason.PLATFORM_FAULT,
                  "The uploaded file is no longer stored. Upload the version again.");
          default ->
              throw new PlatformFault(
                  "The upload could not be fetched (status " + response.statusCode() + ").");
        }
      }
    } catch (IOException e) {
      throw new PlatformFault("The upload could not be fetched.", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PlatformFault("The upload could not be fetched.", e);
    }
  }

  private HttpRequest request(UUID submissionId) {
    try {
      return HttpRequest.newBuilder(
              service.resolve("/internal/submissions/" + submissionId + "/source"))
          .header("Authorization", tokens.bearer("submission-service", "source:read"))
          .timeout(ANSWER_TIMEOUT)
          .GET()
          .build();
    } catch (ServiceTokenUnavailable e) {
      throw new PlatformFault("The upload could not be fetched: no service token.", e);
    }
  }

  private void save(InputStream body, Source source, Path target, RunControl control)
      throws IOException {
    MessageDigest digest = sha256();
    long total = 0;
    byte[] buffer = new byte[64 * 1024];
    try (OutputStream file = Files.newOutputStream(target)) {
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        control.check();
        total += n;
        if (total > source.bytes()) {
          throw new PlatformFault("The fetched upload is larger than announced.");
        }
        digest.update(buffer, 0, n);
        file.write(buffer, 0, n);
      }
    }
    if (!HexFormat.of().formatHex(digest.digest()).equals(source.sha256())) {
      throw new PlatformFault("The fetched upload differs from the one that was announced.");
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
