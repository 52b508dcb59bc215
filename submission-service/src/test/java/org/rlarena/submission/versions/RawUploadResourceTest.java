package org.rlarena.submission.versions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.submission.ServiceTest;

/** Requests that no proper client sends, and uploads around the limits, streamed from nothing. */
@QuarkusTest
class RawUploadResourceTest extends ServiceTest {

  private static final long MIB = 1024 * 1024;
  private static final String FORM = "multipart/form-data; boundary=b";
  private static final String ID = "7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01";

  @TestHTTPResource("/api/v1/submissions")
  URI uploads;

  @Inject Submissions submissions;

  @ConfigProperty(name = "arena.objects.root")
  Path objects;

  private final User owner = User.fresh();

  @Test
  void shouldRefuseAFileJustAboveTheLimit() throws Exception {
    assertTooLarge(true, 50 * MIB + 1, "50 MiB");
  }

  @Test
  void shouldRefuseAnAnnouncedHugeRequestWithAProblem() throws Exception {
    assertTooLarge(true, 60 * MIB, "52 MiB");
  }

  @Test
  void shouldCutOffAHugeRequestOfUnknownLength() throws Exception {
    UUID agentId = knownAgentOf(owner);

    // The service hangs up while the client still sends, which can destroy the answer on its way:
    // the gateway lets nothing of this size through.
    try {
      assertThat(upload(agentId, false, 60 * MIB).statusCode()).isEqualTo(413);
    } catch (IOException hungUp) {
      assertThat(hungUp).isNotInstanceOf(HttpTimeoutException.class);
    }

    assertNothingKept(agentId);
  }

  @Test
  void shouldAcceptAnUploadOfUnknownLength() throws Exception {
    String body =
        part("agentId", knownAgentOf(owner).toString()) + file("agent.py", "x = 1\n") + "--b--\r\n";
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);

    HttpResponse<String> response =
        post(FORM, BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes)));

    assertThat(response.statusCode()).isEqualTo(201);
  }

  static Stream<Arguments> malformed() {
    return Stream.of(
        arguments("JSON", "application/json", "{}", 415),
        arguments("text", "text/plain", "agentId=1", 415),
        arguments("no boundary", "multipart/form-data", "x", 400),
        arguments("nothing", FORM, "", 400),
        arguments("garbage", FORM, "garbage", 400),
        arguments("no end", FORM, part("agentId", "x").stripTrailing(), 400),
        arguments(
            "no name", FORM, "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n", 400),
        arguments("no headers", FORM, "--b\r\n\r\nx\r\n--b--\r\n", 400),
        arguments("header without colon", FORM, "--b\r\nboo\r\n\r\nx\r\n--b--\r\n", 400),
        arguments("file as text", FORM, part("agentId", ID) + part("file", "x") + "--b--\r\n", 400),
        arguments(
            "file without end",
            FORM,
            part("agentId", ID) + file("agent.py", "x").stripTrailing(),
            400),
        arguments("1500 fields", FORM, part("field", "x").repeat(1500) + "--b--\r\n", 400),
        arguments("endless header", FORM, "--b\r\nX-A: " + "x".repeat(1 << 20), 400));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void shouldRefuseMalformedRequestsWithAProblem(
      String name, String contentType, String body, int status) throws Exception {
    HttpResponse<String> response = post(contentType, BodyPublishers.ofString(body));

    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
    assertThat(new ObjectMapper().readTree(response.body()).path("code").asText())
        .isEqualTo(status == 415 ? "unsupported_media_type" : "invalid_request");
    assertThat(response.body()).doesNotContain("Exception", "\tat ");
  }

  private void assertTooLarge(boolean announced, long zeros, String limit) throws Exception {
    UUID agentId = knownAgentOf(owner);

    HttpResponse<String> response = upload(agentId, announced, zeros);

    assertThat(response.statusCode()).isEqualTo(413);
    assertThat(response.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/problem+json"));
    JsonNode problem = new ObjectMapper().readTree(response.body());
    assertThat(problem.get("code").asText()).isEqualTo("file_too_large");
    assertThat(problem.get("detail").asText()).contains(limit);
    assertNothingKept(agentId);
  }

  private void assertNothingKept(UUID agentId) {
    assertThat(submissions.countOf(agentId)).isZero();
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(objects.resolve("sources/.incoming")).isEmptyDirectory());
  }

  private HttpResponse<String> upload(UUID agentId, boolean announced, long zeros)
      throws Exception {
    byte[] head =
        (part("agentId", agentId.toString()) + file("agent.zip", ""))
            .getBytes(StandardCharsets.UTF_8);
    byte[] tail = "\r\n--b--\r\n".getBytes(StandardCharsets.UTF_8);
    BodyPublisher stream =
        BodyPublishers.ofInputStream(
            () ->
                new SequenceInputStream(
                    Collections.enumeration(
                        List.of(
                            new ByteArrayInputStream(head, 0, head.length - 2),
                            new Zeros(zeros),
                            new ByteArrayInputStream(tail)))));
    return post(
        FORM,
        announced
            ? BodyPublishers.fromPublisher(stream, head.length - 2 + zeros + tail.length)
            : stream);
  }

  private HttpResponse<String> post(String contentType, BodyPublisher body) throws Exception {
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      return client.send(
          HttpRequest.newBuilder(uploads)
              .timeout(Duration.ofSeconds(60))
              .header("Authorization", "Bearer " + TestTokens.user(owner.id(), owner.username()))
              .header("Content-Type", contentType)
              .POST(body)
              .build(),
          BodyHandlers.ofString());
    }
  }

  private static String part(String name, String value) {
    return "--b\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
        .formatted(name, value);
  }

  private static String file(String filename, String content) {
    return part("file\"; filename=\"" + filename, content);
  }

  private static final class Zeros extends InputStream {

    private long left;

    Zeros(long count) {
      this.left = count;
    }

    @Override
    public int read() {
      return left-- > 0 ? 0 : -1;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      if (left <= 0) {
        return -1;
      }
      int count = (int) Math.min(left, length);
      java.util.Arrays.fill(buffer, offset, offset + count, (byte) 0);
      left -= count;
      return count;
    }
  }
}
