package org.rlarena.objects;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.rlarena.objects.testing.TestBucket;

class BucketStoreTest extends ObjectStoreContract {

  private static final TestBucket SERVER = new TestBucket();

  @BeforeAll
  static void start() {
    SERVER.start();
  }

  @AfterAll
  static void stop() {
    SERVER.stop();
  }

  @Test
  void shouldPutAllBelowThePrefix() throws Exception {
    put(store(), "p/1.txt", "hello");

    assertThat(SERVER.content().blobExists(TestBucket.NAME, "suite/p/1.txt")).isTrue();
  }

  @Test
  void shouldSendARangeAlone() throws Exception {
    ObjectStore store = store();
    put(store, "c/1.txt", "0123456789");

    Response answer = store.find("c/1.txt").orElseThrow().into(Response.status(206), 3, 4).build();

    assertThat(answer.getHeaderString("Content-Length")).isEqualTo("4");
    try (InputStream in = (InputStream) answer.getEntity()) {
      assertThat(new String(in.readAllBytes(), UTF_8)).isEqualTo("3456");
    }
  }

  @Test
  void shouldListMoreThanOnePage() throws Exception {
    ObjectStore store = store();
    for (int i = 0; i < 1001; i++) {
      SERVER
          .content()
          .putBlob(
              TestBucket.NAME,
              SERVER.content().blobBuilder("suite/many/" + i).payload("x").build());
    }

    assertThat(store.list("many/")).hasSize(1001);
  }

  @Test
  void shouldNameAnUrlThatReadsThisObjectAlone() throws Exception {
    ObjectStore store = store();
    put(store, "g/1.txt", "for executors");
    put(store, "g/2.txt", "for nobody");

    String url = store.location("g/1.txt", Duration.ofMinutes(5));

    assertThat(answerOf("GET", url).body()).isEqualTo("for executors");
    assertThat(answerOf("GET", url.replace("g/1.txt", "g/2.txt")).statusCode()).isEqualTo(403);
    assertThat(answerOf("PUT", url).statusCode()).isEqualTo(403);
    assertThat(answerOf("GET", url.substring(0, url.indexOf('?'))).statusCode()).isEqualTo(403);
  }

  @Test
  void shouldSayThatTheBucketIsMissing() {
    BucketStore store = Buckets.store(SERVER.port(), "no-such-bucket", TestBucket.SECRET_KEY);

    assertThatThrownBy(store::requireBucket)
        .isInstanceOf(ObjectsUnavailable.class)
        .hasMessageContaining("no-such-bucket does not exist");
    // and no object of it is taken for one that was removed
    assertThatThrownBy(() -> store.find("a/1.txt")).isInstanceOf(ObjectsUnavailable.class);
    assertThatThrownBy(() -> store.list("a/")).isInstanceOf(ObjectsUnavailable.class);
    assertThatThrownBy(() -> put(store, "a/1.txt", "x")).isInstanceOf(ObjectsUnavailable.class);
  }

  @Test
  void shouldSayThatCredentialsAreRefused() {
    BucketStore store = Buckets.store(SERVER.port(), TestBucket.NAME, "another secret");

    assertThatThrownBy(store::requireBucket)
        .isInstanceOf(ObjectsUnavailable.class)
        .hasMessageContaining("refuses these credentials");
    assertThatThrownBy(() -> store.find("a/1.txt")).isInstanceOf(ObjectsUnavailable.class);
    assertThatThrownBy(() -> put(store, "a/1.txt", "x")).isInstanceOf(ObjectsUnavailable.class);
    assertThatThrownBy(() -> store.delete("a/1.txt")).isInstanceOf(ObjectsUnavailable.class);
  }

  @Override
  BucketStore store() {
    return Buckets.store(SERVER.port(), TestBucket.NAME, TestBucket.SECRET_KEY);
  }

  private static HttpResponse<String> answerOf(String method, String url) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create(url))
              .method(method, HttpRequest.BodyPublishers.noBody())
              .build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }
}
