package org.rlarena.gateway.proxy;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.CRC32;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.gateway.FakeServices;
import org.rlarena.gateway.RawClient;

@QuarkusTest
@WithTestResource(FakeServices.class)
class BodiesTest {

  private static final String AGENTS = "/api/v1/agents";
  private static final String UPLOAD = "/api/v1/submissions";

  @ParameterizedTest
  @ValueSource(strings = {"cut", "stall"})
  void shouldNotMakeABrokenAnswerLookWhole(String test) throws Exception {
    String answer = RawClient.ask("GET " + AGENTS + " HTTP/1.1", "X-Test: " + test);

    assertThat(answer).startsWith("HTTP/1.1 200");
    if (test.equals("cut")) {
      assertThat(answer.toLowerCase()).contains("content-length: 1000000");
      assertThat(answer.length()).isLessThan(1_000_000);
    } else {
      assertThat(answer).contains("begun").doesNotEndWith("0\r\n\r\n");
    }
  }

  @Test
  void shouldStreamAnswers() {
    byte[] answer = given().header("X-Test", "big").get(AGENTS).asByteArray();

    assertThat(answer).hasSize(40 << 20);
  }

  @Test
  void shouldStreamUploads() throws Exception {
    // Given
    String requestId = UUID.randomUUID().toString();
    byte[] block = new byte[1 << 20];
    for (int i = 0; i < block.length; i++) {
      block[i] = (byte) (i * 31);
    }
    CRC32 sum = new CRC32();
    try (RawClient client = RawClient.connect()) {
      client.send(
          "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: %s\r\nContent-Length: %d\r\n\r\n"
              .formatted(UPLOAD, requestId, 48L << 20));

      // When
      client.send(block);
      sum.update(block);

      // Then the service has some of it before the client has sent it all
      await()
          .untilAsserted(
              () -> assertThat(Long.parseLong(control("received/" + requestId))).isGreaterThan(0));
      for (int i = 1; i < 48; i++) {
        client.send(block);
        sum.update(block);
      }
      assertThat(client.readAll())
          .startsWith("HTTP/1.1 200")
          .contains("\"length\":" + (48 << 20), "\"crc\":" + sum.getValue());
    }
  }

  @Test
  void shouldPassChunkedUploads() throws Exception {
    try (RawClient client = RawClient.connect()) {
      client.send(
          "POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
              .formatted(UPLOAD));
      client.send("5\r\nhello\r\n4\r\n you\r\n0\r\n\r\n");

      assertThat(client.readAll()).startsWith("HTTP/1.1 200").contains("\"length\":9");
    }
  }

  @Test
  void shouldRefuseBodiesOverTheLimit() throws Exception {
    try (RawClient client = RawClient.connect()) {
      client.send(
          "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
              .formatted(UPLOAD, (52L << 20) + 1));

      assertThat(client.readAll())
          .startsWith("HTTP/1.1 413")
          .contains("content_too_large", "52 MiB", "application/problem+json");
    }
  }

  @Test
  void shouldRefuseLargeBodiesWhereNothingIsUploaded() throws Exception {
    for (String path : new String[] {"/api/v1/auth/login", "/api/v1/agents"}) {
      try (RawClient client = RawClient.connect()) {
        client.send(
            "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
                .formatted(path, (1L << 20) + 1));

        assertThat(client.readAll())
            .startsWith("HTTP/1.1 413")
            .contains("content_too_large", "1 MiB");
      }
    }
  }

  @Test
  void shouldRefuseChunkedBodiesOverTheLimit() throws Exception {
    try (RawClient client = RawClient.connect()) {
      client.send(
          "POST %s HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n".formatted(UPLOAD));
      byte[] block = new byte[1 << 20];
      try {
        for (int i = 0; i < 60; i++) {
          client.send("100000\r\n");
          client.send(block);
          client.send("\r\n");
        }
      } catch (SocketException e) {
        // the gateway has hung up already
      }

      assertThat(client.readAll()).startsWith("HTTP/1.1 413").contains("content_too_large");
    }
  }

  @Test
  void shouldPassAnswerThatComesBeforeTheBodyIsRead() throws Exception {
    try (RawClient client = RawClient.connect()) {
      client.send(
          "POST %s HTTP/1.1\r\nHost: x\r\nX-Test: unread\r\nContent-Length: 1000000\r\n\r\nsome"
              .formatted(UPLOAD));

      assertThat(client.readAll()).startsWith("HTTP/1.1 401").contains("\"unauthorized\"");
    }
  }

  @Test
  void shouldHaveConnectionsLeftAfterManyAnswersThatCameEarly() throws Exception {
    int connections =
        ConfigProvider.getConfig()
            .getValue("arena.gateway.max-connections-per-service", Integer.class);
    for (int i = 0; i <= connections; i++) {
      try (RawClient client = RawClient.connect()) {
        client.send(
            "POST %s HTTP/1.1\r\nHost: x\r\nX-Test: early\r\nContent-Length: 10\r\n\r\nsome"
                .formatted(UPLOAD));
        assertThat(client.readSome()).startsWith("HTTP/1.1 401");
        client.send("thing!");
      }
    }

    for (int i = 0; i < 16; i++) { // on every event loop
      given().get(UPLOAD + "/" + UUID.randomUUID()).then().statusCode(200);
    }
  }

  @Test
  void shouldNotWaitForEverForABody() throws Exception {
    try (RawClient client = RawClient.connect()) {
      client.send(
          "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nsome".formatted(UPLOAD));

      assertThat(client.readAll()).startsWith("HTTP/1.1 408").contains("request_timeout");
    }
  }

  /** Large answers are given up halfway, others also when they have just ended. */
  @ParameterizedTest
  @ValueSource(strings = {"echo", "large"})
  void shouldNotFailOthersWhenClientsHangUp(String test) throws Exception {
    // Given
    AtomicBoolean rudeOnesDone = new AtomicBoolean();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> polite = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        polite.add(threads.submit(() -> askUntil(rudeOnesDone)));
      }

      // When
      try {
        for (int i = 0; i < 15; i++) {
          hangUp(200, "GET " + AGENTS + " HTTP/1.1\r\nHost: x\r\nX-Test: " + test + "\r\n\r\n");
        }
      } finally {
        rudeOnesDone.set(true);
      }

      // Then
      for (Future<Integer> one : polite) {
        assertThat(one.get()).isPositive();
      }
    }
  }

  private static int askUntil(AtomicBoolean over) throws IOException {
    int asked = 0;
    while (!over.get()) {
      assertThat(RawClient.ask("GET " + AGENTS + " HTTP/1.1")).startsWith("HTTP/1.1 200");
      asked++;
    }
    return asked;
  }

  private static void hangUp(int clients, String request) throws IOException {
    List<RawClient> rude = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      rude.add(RawClient.connect());
    }
    for (RawClient client : rude) {
      client.send(request);
    }
    for (RawClient client : rude) {
      client.reset();
    }
  }

  private static String control(String what) {
    String auth =
        ConfigProvider.getConfig().getValue("arena.gateway.services.auth-service", String.class);
    return given().get(auth + "/control/" + what).asString();
  }
}
