package org.rlarena.match.replays;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.executor.v1.MatchRequest;
import org.rlarena.match.testing.FakeExecutor;
import org.rlarena.match.testing.ServiceTest;
import org.rlarena.objects.ObjectStore;
import org.rlarena.objects.ObjectStore.Listed;
import org.rlarena.objects.ObjectsConfig;

/**
 * Uploads by executors, and what the public and the owners then read: whatever the objects are kept
 * in.
 */
abstract class ReplayResourceCases extends ServiceTest {

  private static final String REPLAY =
      """
      {"metadata":{"match_id":"m","agents":[{"agent_id":"a","code_url":"/srv/a.py"}]},
       "frames":[{"info":{"scores":[1,0],"ball_pos":"0.5 0.5"}}],"version":"1.0"}\
      """;
  private static final String PAGE =
      "<!doctype html><title>Pong Replay</title>" + "<p>frame</p>".repeat(200);

  @Inject Sweeper sweeper;
  @Inject ObjectsConfig objects;
  @Inject ObjectStore store;

  private final User user = User.fresh();
  final Player own = Player.of(user);
  final Player other = Player.fresh();

  @Test
  void shouldServeReplayInEveryShape() {
    // Given
    UUID id = playedWithUploads();
    // Then
    given()
        .get("/api/v1/matches/{id}/replay", id)
        .then()
        .statusCode(200)
        .contentType("application/json")
        .header("X-Content-Type-Options", "nosniff")
        .header("Content-Disposition", nullValue())
        .body("frames[0].info.score", contains(1, 0))
        .body("frames[0].info.ball_pos", contains(0.5f, 0.5f))
        .body("metadata.finalScore", contains(7.0f, -7.0f))
        .body("metadata.duration", equalTo(0.9f))
        .body("metadata.timestamp", notNullValue())
        .body("metadata.agents[0]", not(hasKey("code_url")));
    given()
        .get("/api/v1/matches/{id}/replay?format=raw", id)
        .then()
        .statusCode(200)
        .contentType("application/json")
        .header("Content-Disposition", "attachment; filename=replay_" + id + ".json")
        .body(equalTo(REPLAY));
    given()
        .get("/api/v1/matches/{id}/replay?format=html", id)
        .then()
        .statusCode(200)
        .contentType(containsString("text/html"))
        .header("Content-Disposition", "attachment; filename=replay_" + id + ".html")
        .header("Content-Security-Policy", containsString("default-src 'none'"))
        .header("X-Content-Type-Options", "nosniff")
        .body(equalTo(PAGE));
    given()
        .get("/api/v1/matches/{id}/replay-url", id)
        .then()
        .statusCode(200)
        .body("replayUrl", equalTo("/storage/replays/" + id + ".json"))
        .body("matchId", equalTo(id.toString()))
        .body("format", equalTo("json"));
    given().get("/storage/replays/{id}.json", id).then().statusCode(200).body(equalTo(REPLAY));
    given().get("/storage/replays/{id}.html", id).then().statusCode(200).body(equalTo(PAGE));
    given().get("/storage/replays/{id}.exe", id).then().statusCode(404);
    given()
        .get("/api/v1/matches/replays?agentId={id}", own.agentId())
        .then()
        .statusCode(200)
        .body("total", equalTo(1))
        .body("matches[0].replayUrl", equalTo("/storage/replays/" + id + ".json"))
        .body("matches[0].replayHtmlUrl", equalTo("/storage/replays/" + id + ".html"));
  }

  @Test
  void shouldServeRangesOfWhatIsStored() throws Exception {
    // Given
    UUID id = playedWithUploads();
    int length = PAGE.length();
    // Then
    HttpHeaders whole = fetch("/storage/replays/" + id + ".html").headers();
    assertThat(whole.firstValue("Accept-Ranges")).contains("bytes");
    assertThat(whole.firstValue("Content-Length")).contains(Integer.toString(length));
    assertPart(id, "bytes=0-9", "bytes 0-9/" + length, PAGE.substring(0, 10));
    assertPart(
        id, "bytes=100-", "bytes 100-%d/%d".formatted(length - 1, length), PAGE.substring(100));
    assertPart(
        id,
        "bytes=-7",
        "bytes %d-%d/%d".formatted(length - 7, length - 1, length),
        PAGE.substring(length - 7));
    assertPart(
        id,
        "bytes=5-99999999999",
        "bytes 5-%d/%d".formatted(length - 1, length),
        PAGE.substring(5));
    for (String range : new String[] {"bytes=" + length + "-", "bytes=-0"}) {
      given()
          .header("Range", range)
          .get("/storage/replays/{id}.html", id)
          .then()
          .statusCode(416)
          .contentType("application/problem+json")
          .header("Content-Range", "bytes */" + length)
          .body("code", equalTo("range_not_satisfiable"));
    }
    given()
        .header("Range", "bytes=0-1")
        .get("/api/v1/matches/{id}/replay?format=raw", id)
        .then()
        .statusCode(206)
        .body(equalTo(REPLAY.substring(0, 2)));
    // the whole, unless it is what the client has a part of
    for (String tag :
        new String[] {
          whole.firstValue("ETag").orElseThrow(), whole.firstValue("Last-Modified").orElseThrow()
        }) {
      given()
          .header("Range", "bytes=0-9")
          .header("If-Range", tag)
          .get("/storage/replays/{id}.html", id)
          .then()
          .statusCode(206);
    }
    given()
        .header("Range", "bytes=0-9")
        .header("If-Range", "\"other\"")
        .get("/storage/replays/{id}.html", id)
        .then()
        .statusCode(200)
        .body(equalTo(PAGE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=",
        "bytes=-",
        "bytes=9-3",
        "lines=0-9",
        "bytes=0-1,3-4",
        "bytes=x-y",
        "0-9"
      })
  void shouldServeTheWholeForRangesItDoesNotTake(String range) {
    UUID id = playedWithUploads();
    given()
        .header("Range", range)
        .get("/storage/replays/{id}.html", id)
        .then()
        .statusCode(200)
        .body(equalTo(PAGE));
  }

  @Test
  void shouldCompressForThoseWhoTakeIt() throws Exception {
    // Given
    UUID id = playedWithUploads();
    for (String path :
        new String[] {
          "/storage/replays/" + id + ".html", "/api/v1/matches/" + id + "/replay?format=html"
        }) {
      // When
      HttpResponse<byte[]> packed = fetch(path, "Accept-Encoding", "br, gzip;q=0.5");
      HttpResponse<byte[]> plain = fetch(path, "Accept-Encoding", "br, gzip;q=0");
      HttpResponse<byte[]> part = fetch(path, "Accept-Encoding", "gzip", "Range", "bytes=0-9");
      // Then
      assertThat(packed.headers().firstValue("Content-Encoding")).contains("gzip");
      assertThat(packed.headers().firstValue("Vary")).contains("Accept-Encoding");
      assertThat(packed.body().length).isLessThan(PAGE.length() / 2);
      assertThat(unpack(packed)).isEqualTo(PAGE);
      assertThat(plain.headers().firstValue("Content-Encoding")).isEmpty();
      assertThat(new String(plain.body(), StandardCharsets.UTF_8)).isEqualTo(PAGE);
      assertThat(plain.headers().firstValue("ETag"))
          .isNotEqualTo(packed.headers().firstValue("ETag"));
      assertThat(part.statusCode()).isEqualTo(206);
      assertThat(part.headers().firstValue("Content-Encoding")).isEmpty();
      assertThat(part.body()).hasSize(10);
      for (HttpResponse<byte[]> known : List.of(packed, plain)) {
        String tag = known.headers().firstValue("ETag").orElseThrow();
        HttpResponse<byte[]> same = fetch(path, "Accept-Encoding", "gzip", "If-None-Match", tag);
        assertThat(same.statusCode()).isEqualTo(304);
        assertThat(same.headers().firstValue("ETag")).contains(tag);
        assertThat(same.body()).isEmpty();
      }
    }
    HttpResponse<byte[]> shaped =
        fetch("/api/v1/matches/" + id + "/replay", "Accept-Encoding", "gzip");
    assertThat(unpack(shaped)).contains("\"finalScore\":[7.0,-7.0]");
  }

  private static HttpResponse<byte[]> fetch(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + path));
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    }
  }

  private static String unpack(HttpResponse<byte[]> answer) throws IOException {
    try (var in = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void assertPart(UUID id, String range, String contentRange, String part) {
    given()
        .header("Range", range)
        .get("/storage/replays/{id}.html", id)
        .then()
        .statusCode(206)
        .header("Content-Range", contentRange)
        .header("Content-Length", Integer.toString(part.length()))
        .body(equalTo(part));
  }

  @Test
  void shouldSayThatReplayIsNotThere() throws IOException {
    // Given: waiting, played without replay, and played with a replay whose file is lost
    given()
        .get("/api/v1/matches/{id}/replay", UUID.randomUUID())
        .then()
        .statusCode(404)
        .body("code", equalTo("match_not_found"));
    UUID waiting = request(Player.fresh(), Player.fresh());
    awaitStatus(waiting, "pending");
    given()
        .get("/api/v1/matches/{id}/replay", waiting)
        .then()
        .statusCode(404)
        .body("code", equalTo("replay_not_available"));
    UUID id = playedWithUploads();
    for (Listed object : store.list("replays/" + id + "/")) {
      store.delete(object.key());
    }
    for (String format : new String[] {"json", "html", "raw"}) {
      given()
          .get("/api/v1/matches/{id}/replay?format={f}", id, format)
          .then()
          .statusCode(404)
          .body("code", equalTo("replay_not_available"));
    }
  }

  @Test
  void shouldShowOwnersOnlyWhatTheirOwnAgentsPrinted() {
    // Given
    UUID id = playedWithUploads();
    // Then
    user.request()
        .get("/api/v1/matches/{id}/logs", id)
        .then()
        .statusCode(200)
        .body("matchId", equalTo(id.toString()))
        .body("agents.agentId", contains(own.agentId().toString()))
        .body("agents.stdout", contains("mine"))
        .body("agents.stderr", contains("?"));
    User.fresh()
        .request()
        .get("/api/v1/matches/{id}/logs", id)
        .then()
        .statusCode(403)
        .body("code", equalTo("not_owner"));
    given().get("/api/v1/matches/{id}/logs", id).then().statusCode(401);
    given()
        .header("Authorization", "Bearer " + TestTokens.forged(user.id(), user.username()))
        .get("/api/v1/matches/{id}/logs", id)
        .then()
        .statusCode(401);
    user.request().get("/api/v1/matches/abc/logs").then().statusCode(400);
    user.request().get("/api/v1/matches/{id}/logs", UUID.randomUUID()).then().statusCode(404);
  }

  @Test
  void shouldSayThatLogIsNotThereYet() {
    UUID id = request(own, other);
    awaitStatus(id, "pending");
    user.request()
        .get("/api/v1/matches/{id}/logs", id)
        .then()
        .statusCode(404)
        .body("code", equalTo("log_not_available"));
  }

  @Test
  void shouldRefuseUploadsThatAreNotSignedForTheObject() throws IOException {
    // Given
    FakeExecutor.Held held = new FakeExecutor.Held();
    try (FakeExecutor executor = FakeExecutor.at(0).plays(held)) {
      UUID id = request(own, other);
      await().atMost(LIMIT).until(() -> executor.requests().size() == 1);
      MatchRequest sent = executor.requests().getFirst();
      String url = sent.getReplayUploadUrl();
      String elsewhere = UUID.randomUUID().toString();
      // Then
      assertThat(put(url.replaceAll("\\?.*", ""), REPLAY)).isEqualTo(403);
      assertThat(put(url.replaceAll("expires=\\d+", "expires=99999999999"), REPLAY)).isEqualTo(403);
      assertThat(put(url.replaceAll("signature=.{4}", "signature=zzzz"), REPLAY)).isEqualTo(403);
      assertThat(put(url.replaceAll("signature=.*", "signature="), REPLAY)).isEqualTo(403);
      assertThat(put(url.replace(sent.getAttemptId(), elsewhere), REPLAY)).isEqualTo(403);
      assertThat(put(url.replace(id.toString(), elsewhere), REPLAY)).isEqualTo(403);
      assertThat(put(url.replace(".json", ".html"), REPLAY)).isEqualTo(403);
      assertThat(put(url.replace("/replays/", "/logs/"), REPLAY)).isEqualTo(403);
      assertThat(put(url.replace("/replays/", "/bundles/"), REPLAY)).isEqualTo(403);
      assertThat(put(url.replace(sent.getAttemptId() + ".json", "%2e%2e%2fx.json"), REPLAY))
          .isIn(403, 404);
      assertThat(store.list("replays/" + elsewhere + "/")).isEmpty();
      held.release();
      awaitStatus(id, "completed");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "no json", "[1]", "{\"frames\":[", "{} {}", "7"})
  void shouldRefuseReplayThatIsNoJsonObject(String body) {
    // Given
    FakeExecutor.Held held = new FakeExecutor.Held();
    try (FakeExecutor executor = FakeExecutor.at(0).plays(held)) {
      UUID id = request(own, other);
      await().atMost(LIMIT).until(() -> executor.requests().size() == 1);
      // Then
      assertThat(put(executor.requests().getFirst().getReplayUploadUrl(), body)).isEqualTo(400);
      held.release();
      assertThat(awaitStatus(id, "completed").getMap("match")).doesNotContainKey("replayUrl");
    }
  }

  @Test
  void shouldRefuseUploadsBeyondTheLimitAndLeaveNothing() throws IOException {
    // Given
    FakeExecutor.Held held = new FakeExecutor.Held();
    try (FakeExecutor executor = FakeExecutor.at(0).plays(held)) {
      UUID id = request(own, other);
      await().atMost(LIMIT).until(() -> executor.requests().size() == 1);
      MatchRequest sent = executor.requests().getFirst();
      String tooLarge = "{\"x\":\"" + "x".repeat(100_000) + "\"}";
      // Then
      assertThat(put(sent.getReplayUploadUrl(), tooLarge)).isEqualTo(413);
      assertThat(put(sent.getReplayHtmlUploadUrl(), tooLarge)).isEqualTo(413);
      assertThat(count("select count(*) from uploaded_object")).isZero();
      try (var files = Files.list(objects.root().resolve("incoming/match-service"))) {
        assertThat(files).isEmpty();
      }
      held.release();
      awaitStatus(id, "completed");
    }
  }

  @Test
  void shouldRefuseUploadsOfAttemptsThatAreOver() {
    // Given
    UUID id = playedWithUploads();
    // When
    int status = put(uploadUrl, "{\"frames\":[\"tampered\"]}");
    // Then
    assertThat(status).isEqualTo(409);
    given().get("/storage/replays/{id}.json", id).then().body(equalTo(REPLAY));
  }

  @Test
  void shouldSweepUploadsThatNoResultNames() throws IOException {
    // Given: the first attempt uploads and fails, the second one counts
    try (FakeExecutor executor = FakeExecutor.at(0)) {
      executor.plays(
          request -> {
            put(request.getReplayUploadUrl(), REPLAY);
            return executor.requests().size() == 1
                ? FakeExecutor.error(request)
                : FakeExecutor.firstWins(request);
          });
      UUID id = request(own, other);
      awaitStatus(id, "completed");
      String folder = "replays/" + id + "/";
      String lost = folder + executor.requests().get(0).getAttemptId() + ".json";
      String won = folder + executor.requests().get(1).getAttemptId() + ".json";
      assertThat(store.find(lost)).isPresent();
      // When
      sweeper.sweep();
      // Then
      assertThat(store.find(lost)).isEmpty();
      assertThat(store.find(won)).isPresent();
      given().get("/storage/replays/{id}.json", id).then().statusCode(200);
      assertThat(count("select count(*) from match where not swept")).isZero();
    }
  }

  @Test
  void shouldRemoveReplaysThatAreOlderThanTheyAreKept() throws IOException {
    // Given
    UUID old = playedWithUploads();
    UUID recent = playedWithUploads();
    sql("update match set completed_at = now() - interval '31 days' where id = '" + old + "'");
    // When
    sweeper.sweep();
    // Then
    assertThat(store.list("replays/" + old + "/")).isEmpty();
    given()
        .get("/api/v1/matches/{id}/replay", old)
        .then()
        .statusCode(404)
        .body("code", equalTo("replay_not_available"));
    given()
        .get("/api/v1/matches/{id}", old)
        .then()
        .statusCode(200)
        .body("match.status", equalTo("completed"))
        .body("match.replayUrl", nullValue());
    user.request().get("/api/v1/matches/{id}/logs", old).then().statusCode(200);
    given().get("/api/v1/matches/{id}/replay", recent).then().statusCode(200);
  }

  @Test
  void shouldEraseWhatDeletedAgentsPrinted() {
    // Given
    UUID id = playedWithUploads();
    // When
    publishDeleted(other, 7);
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              sweeper.sweep();
              String key = store.list("logs/" + id + "/").getFirst().key();
              try (InputStream in = store.find(key).orElseThrow().open()) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .contains("mine")
                    .doesNotContain("theirs");
              }
            });
    // Then
    user.request()
        .get("/api/v1/matches/{id}/logs", id)
        .then()
        .statusCode(200)
        .body("agents.stdout", contains("mine"));
    assertThat(count("select count(*) from agent_entry where logs_to_erase")).isZero();
  }

  private String uploadUrl;

  UUID playedWithUploads() {
    try (FakeExecutor executor =
        FakeExecutor.at(0)
            .plays(
                request -> {
                  uploadUrl = request.getReplayUploadUrl();
                  put(request.getReplayUploadUrl(), REPLAY);
                  put(request.getReplayHtmlUploadUrl(), PAGE);
                  put(request.getLogUploadUrl(), log(request));
                  return FakeExecutor.firstWins(request);
                })) {
      UUID id = request(own, other);
      awaitStatus(id, "completed");
      assertThat(executor.requests()).isNotEmpty();
      return id;
    }
  }

  private static String log(MatchRequest request) {
    return """
    {"matchId":"%s","attemptId":"%s","agents":[
      {"agentId":"%s","stdout":"mine","stderr":"\\ud83d","error":null},
      {"agentId":"%s","stdout":"theirs","stderr":"","error":""}]}
    """
        .formatted(
            request.getMatchId(),
            request.getAttemptId(),
            request.getAgents(0).getAgentId(),
            request.getAgents(1).getAgentId());
  }
}
