package org.rlarena.gateway.live;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import jakarta.inject.Inject;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.gateway.FakeServices;
import org.rlarena.gateway.bus.BusReader;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.TestInfra;

@QuarkusTest
@WithTestResource(FakeServices.class)
@WithTestResource(TestKeys.class)
@WithTestResource(TestInfra.class)
class LiveIT {

  private static Events events;

  @Inject BusReader bus;

  private Facts facts;
  private String adasToken;
  private String bobsToken;

  @BeforeEach
  void connect() {
    if (events == null) {
      events = Events.connect();
    }
    Awaitility.await().atMost(20, TimeUnit.SECONDS).until(bus::isCaughtUp);
    facts = new Facts(events);
    adasToken = TestTokens.user(facts.ada, "ada");
    bobsToken = TestTokens.user(facts.bob, "bob");
  }

  @AfterAll
  static void disconnect() {
    events.close();
    events = null;
  }

  // --- coming in

  @ParameterizedTest
  @ValueSource(strings = {"/api/v1/ws", "/ws"})
  void shouldLetInWithATokenInHeaderQueryOrSubprotocol(String path) {
    List<Listener> listeners =
        List.of(
            Listener.connect(
                Listener.builder().header("Authorization", "Bearer " + adasToken), path),
            Listener.connect(Listener.builder(), path + "?token=" + adasToken),
            Listener.connect(Listener.builder().subprotocols("bearer", adasToken), path));

    for (Listener listener : listeners) {
      JsonNode hello = listener.await("hello");
      assertThat(hello.at("/payload/userId").asText()).isEqualTo(facts.ada.toString());
      listener.close();
    }
    assertThat(listeners.get(2).subprotocol()).isEqualTo("bearer");
  }

  @Test
  void shouldRefuseUnsoundTokensBeforeTheUpgrade() {
    assertThat(statusOf(Listener.builder(), "/ws")).isEqualTo(401);
    for (String token : TestTokens.refusedOf(facts.ada, "ada")) {
      assertThat(statusOf(Listener.builder(), "/ws?token=" + token)).isEqualTo(401);
    }
    String ofAService = TestTokens.service("gateway", "x");
    assertThat(statusOf(Listener.builder(), "/ws?token=" + ofAService)).isEqualTo(401);
  }

  @Test
  void shouldLetProgramsListenThatMayRead() {
    for (String scopes : List.of("read", "submissions:write read")) {
      try (Listener program = Listener.connect(ofProgram(scopes), "")) {
        assertThat(program.closed).isNotDone();
      }
    }
    for (String scopes : List.of("submissions:write", "reader")) {
      assertThat(statusOf(Listener.builder(), "/ws?token=" + ofProgram(scopes))).isEqualTo(403);
    }
  }

  private String ofProgram(String scopes) {
    return TestTokens.user(
        facts.ada,
        "ada",
        claims -> {
          claims.setClaim("typ", "api");
          claims.setClaim("scope", scopes);
        });
  }

  @Test
  void shouldRefusePagesOfUnknownOrigins() {
    WebSocket.Builder evil = Listener.builder().header("Origin", "https://evil.example");
    assertThat(statusOf(evil, "/ws?token=" + adasToken)).isEqualTo(403);

    for (String origin : List.of("http://localhost:3000", "http://localhost:" + RestAssured.port)) {
      WebSocket.Builder known = Listener.builder().header("Origin", origin);
      try (Listener listener = Listener.connect(known, "/ws?token=" + adasToken)) {
        listener.await("hello");
      }
    }
  }

  @Test
  void shouldSayWhatIsWrongWithARequest() {
    given()
        .get("/api/v1/ws")
        .then()
        .statusCode(426)
        .header("Upgrade", "websocket")
        .body("code", equalTo("upgrade_required"));
    given()
        .get("/api/v1/events")
        .then()
        .statusCode(401)
        .header("WWW-Authenticate", "Bearer")
        .body("error", containsString("token"));
    for (String topic : new String[] {"user:" + facts.ada, "agent:1", "environment:A B", "x", ""}) {
      given()
          .queryParam("topic", topic)
          .queryParam("token", adasToken)
          .get("/api/v1/events")
          .then()
          .statusCode(400)
          .body("message", containsString("environment:pong"));
    }
  }

  @Test
  void shouldBoundConnectionsOfOneUser() {
    List<Listener> all =
        IntStream.range(0, 20).mapToObj(i -> Listener.connect(adasToken, "")).toList();
    try {
      assertThat(statusOf(Listener.builder(), "/ws?token=" + adasToken)).isEqualTo(429);
      try (Listener bob = Listener.connect(bobsToken, "")) {
        assertThat(bob.closed).isNotDone();
      }
    } finally {
      all.forEach(Listener::close);
    }
    Awaitility.await()
        .untilAsserted(
            () -> {
              try (Listener again = Listener.connect(adasToken, "")) {
                assertThat(again.closed).isNotDone();
              }
            });
  }

  // --- builds

  @Test
  void shouldTellTheOwnerAloneHowABuildGoes() {
    try (Listener ada = Listener.connect(adasToken, "");
        Listener adasPhone = Listener.connect(adasToken, "");
        Listener bob = Listener.connect(bobsToken, "?topic=agent:" + facts.left)) {
      facts.agentExists();
      facts.uploaded();
      for (String step : List.of("building", "validating", "scanning")) {
        facts.progressed(step);
      }
      facts.built();
      facts.activated();

      for (Listener listener : List.of(ada, adasPhone)) {
        List<String> told = new ArrayList<>();
        while (told.size() < 6) {
          JsonNode message = listener.await("build_status");
          assertThat(message.at("/payload/submissionId").asText())
              .isEqualTo(facts.submission.toString());
          told.add(message.at("/payload/status").asText());
        }
        // those of one topic in their order; the others came in one poll or in two
        assertThat(told)
            .containsSubsequence("building", "validating", "scanning")
            .containsExactlyInAnyOrder(
                "pending", "building", "validating", "scanning", "built", "active");
      }
      facts.created();
      bob.await("match_created");
      assertThat(bob.typesSeen()).containsOnly("hello", "match_created");
    }
  }

  @Test
  void shouldTellWhatIsWrongWhenABuildFailed() {
    try (Listener ada = Listener.connect(adasToken, "")) {
      facts.agentExists();
      facts.buildFailed();

      JsonNode message = ada.await("build_status");
      assertThat(message.at("/payload/status").asText()).isEqualTo("build_failed");
      assertThat(message.at("/payload/message").asText()).contains("line 3");
      assertThat(message.at("/payload/reason").asText()).isEqualTo("syntax_error");
    }
  }

  @Test
  void shouldTellTheOwnerThatAVersionMayNoLongerPlay() {
    try (Listener ada = Listener.connect(adasToken, "")) {
      facts.agentExists();
      facts.scanBlocked();

      JsonNode message = ada.await("build_status");
      assertThat(message.at("/payload/status").asText()).isEqualTo("build_failed");
      assertThat(message.at("/payload/reason").asText()).isEqualTo("blocked_by_scan");
      assertThat(message.at("/payload/message").asText()).contains("CVE-2026-12345");
      assertThat(message.at("/payload/vulnerabilities/critical/fixable").asInt()).isEqualTo(1);
    }
  }

  @Test
  void shouldKeepBuildEventsUntilTheirAgentIsKnown() {
    try (Listener ada = Listener.connect(adasToken, "")) {
      facts.progressed("building");
      facts.created();
      ada.await("match_created");

      facts.agentExists();

      assertThat(ada.await("build_status").at("/payload/status").asText()).isEqualTo("building");
    }
  }

  @Test
  void shouldStreamTheLogOfARunningBuildToItsOwner() {
    control("build/up");
    try (Listener ada = Listener.connect(adasToken, "");
        Listener bob = Listener.connect(bobsToken, "")) {
      facts.agentExists();
      facts.progressed("building");
      StringBuilder log = new StringBuilder();
      while (!log.toString().endsWith("validating\n")) {
        JsonNode payload = ada.await("build_log").path("payload");
        assertThat(payload.path("submissionId").asText()).isEqualTo(facts.submission.toString());
        assertThat(payload.path("offset").asInt()).isEqualTo(log.length());
        log.append(payload.path("text").asText());
        assertThat(payload.path("nextOffset").asInt()).isEqualTo(log.length());
      }
      facts.built();

      assertThat(log.toString()).isEqualTo("resolving\ncompiling \uD83D\uDE00\nvalidating\n");
      facts.created();
      bob.await("match_created");
      assertThat(bob.typesSeen()).doesNotContain("build_log");
    } finally {
      control("build/down");
    }
  }

  // --- matches and ratings

  @Test
  void shouldTellParticipantsAboutTheirMatches() {
    try (Listener ada = Listener.connect(adasToken, "");
        Listener bob = Listener.connect(bobsToken, "")) {
      facts.created();
      facts.started();
      facts.finished(false);

      for (Listener listener : List.of(ada, bob)) {
        JsonNode created = listener.await("match_created").path("payload");
        assertThat(created.path("matchId").asText()).isEqualTo(facts.match.toString());
        assertThat(created.path("status").asText()).isEqualTo("pending");
        assertThat(created.at("/participants/1/agentName").asText()).isEqualTo("Wall");
        assertThat(listener.await("match_started").at("/payload/status").asText())
            .isEqualTo("running");
        JsonNode completed = listener.await("match_completed").path("payload");
        assertThat(completed.path("status").asText()).isEqualTo("completed");
        assertThat(completed.path("winnerId").asText()).isEqualTo(facts.left.toString());
        assertThat(completed.at("/participants/0/score").asDouble()).isEqualTo(7.0);
        assertThat(completed.has("eloChanges")).isFalse();
        assertThat(completed.has("seed")).isFalse();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void shouldCompleteRatedMatchesWithTheirRatings(boolean resultFirst) {
    try (Listener ada = Listener.connect(adasToken, "");
        Listener guest =
            Listener.connect(
                TestTokens.user(UUID.randomUUID(), "eve"), "?topic=agent:" + facts.right)) {
      ada.subscribe("environment:" + facts.environment);
      if (resultFirst) {
        facts.finished(true);
        facts.created();
        ada.await("match_created");
        assertThat(ada.typesSeen()).doesNotContain("match_completed");
        facts.rated();
      } else {
        facts.rated();
        ada.await("rating_changed");
        facts.finished(true);
      }

      if (resultFirst) {
        JsonNode rating = ada.await("rating_changed").path("payload");
        assertThat(rating.path("agentId").asText()).isEqualTo(facts.left.toString());
        assertThat(rating.path("change").asInt()).isEqualTo(20);
      }
      JsonNode board = ada.await("leaderboard_update").path("payload");
      assertThat(board.path("environmentId").asText()).isEqualTo(facts.environment);
      assertThat(board.at("/entries/1/elo").asInt()).isEqualTo(1180);
      JsonNode completed = ada.await("match_completed").path("payload");
      assertThat(completed.path("eloChanges").path(facts.left.toString()).asInt()).isEqualTo(20);
      assertThat(completed.at("/participants/1/eloBefore").asInt()).isEqualTo(1200);
      assertThat(completed.at("/participants/1/eloAfter").asInt()).isEqualTo(1180);

      assertThat(guest.await("rating_changed").at("/payload/agentId").asText())
          .isEqualTo(facts.right.toString());
      guest.await("match_completed");
      assertThat(guest.typesSeen()).doesNotContain("leaderboard_update");
    }
  }

  @Test
  void shouldCompleteMatchesThatFailed() {
    try (Listener bob = Listener.connect(bobsToken, "")) {
      facts.failed();

      JsonNode completed = bob.await("match_completed").path("payload");
      assertThat(completed.path("status").asText()).isEqualTo("failed");
      assertThat(completed.path("reason").asText()).isEqualTo("executor_lost");
    }
  }

  // --- topics

  @Test
  void shouldTellStrangersWhatTheySubscribedTo() {
    String token = TestTokens.user(UUID.randomUUID(), "eve");
    try (Listener environment = Listener.connect(token, "");
        Listener agent = Listener.connect(token, "");
        Listener match = Listener.connect(token, "");
        Listener nothing = Listener.connect(token, "")) {
      environment.subscribe("environment:" + facts.environment);
      agent.subscribe("agent:" + facts.left);
      match.subscribe("match:" + facts.match);
      nothing.subscribe("environment:" + facts.environment);
      nothing.command("unsubscribe", "topic", "environment:" + facts.environment);
      nothing.await("unsubscribed");
      nothing.subscribe("match:" + facts.submission);

      facts.created();
      new Facts(events).created();
      facts.started();

      for (Listener listener : List.of(environment, agent, match)) {
        listener.await("match_started");
        assertThat(listener.typesSeen())
            .containsExactly("hello", "subscribed", "match_created", "match_started");
      }
      assertThat(nothing.messages).isEmpty();
    }
  }

  @Test
  void shouldAnswerWrongMessagesAndGoOn() {
    try (Listener ada = Listener.connect(adasToken, "")) {
      for (String wrong :
          List.of(
              "x",
              "[]",
              "null",
              "{}",
              "\"subscribe\"",
              "{\"type\":5}",
              "{\"type\":\"subscribe\"}",
              "{\"type\":\"subscribe\",\"payload\":7}",
              "{\"type\":\"subscribe\",\"payload\":{\"topic\":[]}}",
              "{\"type\":\"subscribe\",\"payload\":{\"topic\":\"user:" + facts.bob + "\"}}",
              "{\"type\":\"resume\",\"payload\":{}}",
              "[".repeat(2000))) {
        ada.send(wrong);
        JsonNode error = ada.await("error").path("payload");
        assertThat(error.path("code").asText())
            .isIn("bad_message", "unknown_type", "unknown_topic");
        assertThat(error.path("message").asText()).isNotEmpty();
      }
      ada.subscribe("environment:pong");
    }
  }

  @Test
  void shouldHangUpOnFramesThatAreTooLarge() throws Exception {
    try (Listener ada = Listener.connect(adasToken, "")) {
      ada.send("x".repeat(5000));

      assertThat(ada.closed.get(20, TimeUnit.SECONDS)).isEqualTo(1009);
    }
  }

  @Test
  void shouldHangUpOnClientsThatFlood() throws Exception {
    try (Listener ada = Listener.connect(adasToken, "")) {
      for (int i = 0; i < 250 && !ada.closed.isDone(); i++) {
        try {
          ada.send("{}");
        } catch (CompletionException e) {
          break;
        }
      }

      assertThat(ada.closed.get(20, TimeUnit.SECONDS)).isEqualTo(1008);
    }
  }

  // --- coming back

  @Test
  void shouldSendWhatWasMissed() {
    String lastId;
    try (Listener ada = Listener.connect(adasToken, "")) {
      facts.created();
      lastId = ada.await("match_created").path("id").asText();
    }
    facts.started();
    facts.finished(false);
    try (Listener bob = Listener.connect(bobsToken, "?lastEventId=" + lastId)) {
      bob.await("match_completed");
    }

    try (Listener ada = Listener.connect(adasToken, "?lastEventId=" + lastId)) {
      ada.await("resumed");
      assertThat(ada.typesSeen())
          .containsExactly("hello", "match_started", "match_completed", "resumed");
    }
    try (Listener eve = Listener.connect(TestTokens.user(UUID.randomUUID(), "eve"), "")) {
      eve.subscribe("match:" + facts.match);
      eve.command("resume", "lastEventId", lastId);
      eve.await("resumed");
      assertThat(eve.typesSeen())
          .containsExactly("hello", "subscribed", "match_started", "match_completed", "resumed");
      eve.command("resume", "lastEventId", lastId);
      assertThat(eve.await("error").at("/payload/code").asText()).isEqualTo("resumed_already");
    }
  }

  @Test
  void shouldNotRepeatWhatCameSinceTheConnection() {
    try (Listener ada = Listener.connect(adasToken, "")) {
      facts.created();
      String lastId = ada.await("match_created").path("id").asText();
      facts.started();
      ada.await("match_started");

      ada.command("resume", "lastEventId", lastId);

      assertThat(ada.await("resumed").at("/payload/messages").asInt()).isZero();
      assertThat(ada.typesSeen()).containsOnlyOnce("match_started");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "0000.mf0-999999", "", ".", "a.b.c"})
  void shouldAskForAFreshStartWhenTheEventIsUnknown(String id) {
    try (Listener ada = Listener.connect(adasToken, "")) {
      ada.command("resume", "lastEventId", id);

      assertThat(ada.await("resync").at("/payload/code").asText()).isEqualTo("unknown_event");
    }
  }

  // --- server-sent events

  @Test
  @Timeout(60)
  void shouldSendTheSameAsServerSentEvents() throws Exception {
    String lastId;
    try (EventStream ada =
            new EventStream(adasToken, "?topic=environment:" + facts.environment, null);
        Listener socket = Listener.connect(adasToken, "")) {
      assertThat(ada.response.headers().firstValue("Content-Type")).contains("text/event-stream");
      assertThat(ada.response.headers().firstValue("Cache-Control")).contains("no-store");
      ada.await("hello");
      facts.created();

      Map<String, String> created = ada.await("match_created");

      assertThat(EventStream.data(created)).isEqualTo(socket.await("match_created"));
      lastId = created.get("id");
      facts.rated();
      ada.await("leaderboard_update");
    }
    facts.started();

    try (EventStream ada = new EventStream(adasToken, "", lastId)) {
      ada.await("rating_changed");
      Map<String, String> started = ada.await("match_started");
      assertThat(EventStream.data(started).at("/payload/matchId").asText())
          .isEqualTo(facts.match.toString());
    }
    try (EventStream ada = new EventStream(adasToken, "", "gone")) {
      ada.await("resync");
    }
  }

  @Test
  @Timeout(60)
  void shouldEndEventStreamsOfRevokedTokens() throws Exception {
    try (EventStream ada = new EventStream(adasToken, "", null)) {
      ada.await("hello");

      facts.user(facts.ada, "banned", 2, "nothing");

      ada.awaitEnd();
    }
  }

  // --- revocation

  @Test
  void shouldEndConnectionsOfRevokedTokens() throws Exception {
    String other =
        TestTokens.user(facts.ada, "ada", claims -> claims.setJwtId("other-" + facts.ada));
    try (Listener first = Listener.connect(adasToken, "");
        Listener second = Listener.connect(other, "")) {
      facts.user(facts.ada, "active", 2, "other-" + facts.ada);
      assertThat(second.closed.get(20, TimeUnit.SECONDS)).isEqualTo(4001);
      assertThat(first.closed).isNotDone();
      assertThat(statusOf(Listener.builder(), "/ws?token=" + other)).isEqualTo(401);

      facts.user(facts.ada, "banned", 3, "nothing");
      assertThat(first.closed.get(20, TimeUnit.SECONDS)).isEqualTo(4001);
      assertThat(statusOf(Listener.builder(), "/ws?token=" + adasToken)).isEqualTo(401);
    }
  }

  @Test
  void shouldKeepDeletedUsersOutWhateverComesLater() throws Exception {
    try (Listener bob = Listener.connect(bobsToken, "")) {
      facts.userDeleted(facts.bob);
      assertThat(bob.closed.get(20, TimeUnit.SECONDS)).isEqualTo(4001);

      facts.user(facts.bob, "active", 99, "nothing");
      facts.user(facts.ada, "banned", 2, "nothing");
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(statusOf(Listener.builder(), "/ws?token=" + adasToken))
                      .isEqualTo(401));
      assertThat(statusOf(Listener.builder(), "/ws?token=" + bobsToken)).isEqualTo(401);
    }
  }

  @Test
  void shouldEndConnectionsWithTheirTokens() throws Exception {
    String brief =
        TestTokens.user(
            facts.ada, "ada", claims -> claims.setExpirationTimeMinutesInTheFuture(0.02f));
    try (Listener ada = Listener.connect(brief, "")) {
      assertThat(ada.closed.get(20, TimeUnit.SECONDS)).isEqualTo(4001);
    }
  }

  @Test
  void shouldSkipEventsThatCannotBeRead() {
    try (Listener ada = Listener.connect(adasToken, "")) {
      for (String topic : List.of("match.created", "user.changed", "build.progress")) {
        events.publish(topic, "x", "org.rlarena.match.created.v1", "not json");
        events.publish(topic, "x", "org.rlarena." + topic + ".v1", "{}");
        events.publishRaw(topic, "x", new byte[] {1, 2}, Map.of());
      }
      facts.created();

      ada.await("match_created");
    }
  }

  @Test
  void shouldRefuseBinaryMessages() {
    try (Listener ada = Listener.connect(adasToken, "")) {
      ada.sendBytes(ByteBuffer.wrap(new byte[] {1, 2, 3}));

      assertThat(ada.await("error").at("/payload/code").asText()).isEqualTo("bad_message");
    }
  }

  private static int statusOf(WebSocket.Builder builder, String path) {
    try (Listener _ = Listener.connect(builder, path)) {
      return 101;
    } catch (CompletionException e) {
      assertThat(e).hasCauseInstanceOf(WebSocketHandshakeException.class);
      return ((WebSocketHandshakeException) e.getCause()).getResponse().statusCode();
    }
  }

  private static void control(String what) {
    String auth =
        ConfigProvider.getConfig().getValue("arena.gateway.services.auth-service", String.class);
    given().get(auth + "/control/" + what).then().statusCode(200);
  }
}
