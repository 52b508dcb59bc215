package org.rlarena.match.challenge;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.ReceivedEvent;
import org.rlarena.match.directory.AgentChanged;
import org.rlarena.match.directory.Environments.EnvironmentChanged;
import org.rlarena.match.matches.CreateMatch;
import org.rlarena.match.matches.MatchKind;
import org.rlarena.match.matches.NewMatch;
import org.rlarena.match.matches.Seat;
import org.rlarena.match.testing.FakeExecutor;
import org.rlarena.match.testing.FakeNeighbours;
import org.rlarena.match.testing.ServiceTest;

@QuarkusTest
class ChallengeResourceTest extends ServiceTest {

  @Inject CreateMatch createMatch;

  private final User user = User.fresh();

  @Test
  void shouldAnswerAtOnceWithPendingUnratedMatch() {
    // Given
    Player own = known(Player.of(user));
    Player other = known(Player.fresh());
    // When
    String id =
        challenge(user, own, other)
            .statusCode(201)
            .body("message", notNullValue())
            .body("match.status", equalTo("pending"))
            .body("match.kind", equalTo("challenge"))
            .body("match.rated", equalTo(false))
            .body("match.ratingStatus", equalTo("none"))
            .body("match.isPublic", equalTo(true))
            .body("match.agent1Id", equalTo(own.agentId().toString()))
            .body("match.agent2Id", equalTo(other.agentId().toString()))
            .body("match.agent1SubmissionId", equalTo(own.submissionId().toString()))
            .body("match.environmentVersion", equalTo("0.1.2"))
            .body("match.participants[1].name", equalTo(other.name()))
            .body("match.participants[1].version", equalTo(3))
            .body("match.participants[1].codeSha256", equalTo(bundle().sha256()))
            .body("match", not(hasKey("seed")))
            .extract()
            .path("match.id");
    // Then
    ReceivedEvent created = events.await("match.created", e -> e.key().equals(id));
    Contract.assertMatches(created);
    assertThat(created.data().get("kind").asText()).isEqualTo("challenge");
  }

  @Test
  void shouldMakeOneMatchForRepeatsOfARequest() {
    // Given
    Player own = known(Player.of(user));
    Player other = known(Player.fresh());
    String key = UUID.randomUUID().toString();
    Map<String, UUID> body = Map.of("agent1Id", own.agentId(), "agent2Id", other.agentId());
    var first =
        user.request()
            .header("Idempotency-Key", key)
            .body(body)
            .post("/api/v1/matches")
            .then()
            .statusCode(201)
            .extract();

    // When, Then: the first answer, whatever has become of the match and the agents
    publishDeleted(other, 9);
    awaitStatus(UUID.fromString(first.path("match.id")), "cancelled");
    user.request()
        .header("Idempotency-Key", key)
        .body(body)
        .post("/api/v1/matches")
        .then()
        .statusCode(201)
        .header("Idempotent-Replayed", "true")
        .header("Location", first.header("Location"))
        .body(equalTo(first.asString()));
    user.request()
        .header("Idempotency-Key", key)
        .body(Map.of("agent1Id", other.agentId(), "agent2Id", own.agentId()))
        .post("/api/v1/matches")
        .then()
        .statusCode(422)
        .body("code", equalTo("idempotency_key_reused"));
    assertThat(count("select count(*) from match")).isEqualTo(1);
  }

  @Test
  void shouldAcceptChallengeByOwnerOfSecondSeat() {
    challenge(user, known(Player.fresh()), known(Player.of(user))).statusCode(201);
  }

  @Test
  void shouldPlayChallengeWithoutRating() {
    // Given
    Player own = known(Player.of(user));
    try (FakeExecutor executor = FakeExecutor.at(0)) {
      // When
      String id =
          challenge(user, own, known(Player.fresh())).statusCode(201).extract().path("match.id");
      awaitStatus(UUID.fromString(id), "completed");
      // Then
      ReceivedEvent finished = events.await("match.finished", e -> e.key().equals(id));
      assertThat(finished.data().get("rated").asBoolean()).isFalse();
      assertThat(executor.requests()).hasSize(1);
    }
  }

  @Test
  void shouldIgnoreOneOpenMatchRuleOfRatedMatches() {
    // Given
    Player own = known(Player.of(user));
    Player other = known(Player.fresh());
    awaitStatus(request(own, other), "pending");
    // Then
    challenge(user, own, other).statusCode(201);
    challenge(user, own, other).statusCode(201);
  }

  @Test
  void shouldRefuseStranger() {
    problem(challenge(user, known(Player.fresh()), known(Player.fresh())), 403, "not_owner");
    assertThat(count("select count(*) from match")).isZero();
  }

  @Test
  void shouldRefuseRequestsWithoutValidToken() {
    Player own = known(Player.of(user));
    Player other = known(Player.fresh());
    List<String> tokens = new ArrayList<>(TestTokens.refusedOf(user.id(), user.username()));
    for (String token : tokens) {
      given()
          .header("Authorization", "Bearer " + token)
          .contentType("application/json")
          .body(body(own, other))
          .post("/api/v1/matches")
          .then()
          .statusCode(401);
    }
    given()
        .contentType("application/json")
        .body(body(own, other))
        .post("/api/v1/matches")
        .then()
        .statusCode(401);
    given()
        .header("Authorization", "Bearer " + TestTokens.service("match-service", "agent:read"))
        .contentType("application/json")
        .body(body(own, other))
        .post("/api/v1/matches")
        .then()
        .statusCode(403);
    assertThat(count("select count(*) from match")).isZero();
  }

  @Test
  void shouldRefuseAgentAgainstItself() {
    Player own = known(Player.of(user));
    problem(challenge(user, own, own), 400, "same_agent");
  }

  @Test
  void shouldRefuseDifferentEnvironments() {
    problem(
            challenge(user, known(Player.of(user)), known(Player.fresh(), "tic-tac-toe")),
            400,
            "different_environments")
        .body("detail", containsString("tic-tac-toe"));
  }

  @Test
  void shouldRefuseEnvironmentThatIsNotOffered() {
    // Given
    QuarkusTransaction.requiringNew()
        .run(
            () ->
                environments.put(
                    new EnvironmentChanged("chess", System.nanoTime(), "1", true, false, 2, 2)));
    // Then
    problem(
        challenge(user, known(Player.of(user), "chess"), known(Player.fresh(), "chess")),
        409,
        "environment_not_offered");
    problem(
        challenge(user, known(Player.of(user), "unheard-of"), known(Player.fresh(), "unheard-of")),
        409,
        "environment_not_offered");
  }

  @Test
  void shouldNameAgentWithoutActiveSubmission() {
    // Given
    Player own = known(Player.of(user));
    Player other = known(Player.fresh());
    QuarkusTransaction.requiringNew().run(() -> versions.clear(other.agentId(), 2));
    // Then
    problem(challenge(user, own, other), 409, "no_active_submission")
        .body("detail", containsString(other.name()));
  }

  @Test
  void shouldRefuseDisabledAndDeletedAgents() {
    // Given
    Player own = known(Player.of(user));
    Player disabled = known(Player.fresh());
    Player deleted = known(Player.fresh());
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              agents.put(
                  new AgentChanged(
                      disabled.agentId(), 2, disabled.ownerId(), "Off", "pong", false));
              agents.bury(deleted.agentId(), 2);
            });
    // Then
    problem(challenge(user, own, disabled), 409, "agent_disabled");
    problem(challenge(user, own, deleted), 404, "agent_not_found");
  }

  @Test
  void shouldRefuseUnplayableVersion() {
    // Given
    Player own = known(Player.of(user));
    sql(
        "insert into unplayable_submission values ('%s', '%s', now(), 'It crashes executors.')"
            .formatted(own.submissionId(), own.agentId()));
    // Then
    problem(challenge(user, own, known(Player.fresh())), 409, "submission_unplayable");
  }

  @Test
  void shouldAskOwnersOnceForWhatIsNotKnownYet() {
    // Given
    Player own = Player.of(user);
    Player other = known(Player.fresh());
    try (FakeNeighbours neighbours = new FakeNeighbours()) {
      neighbours.knowAgent(own.agentId(), user.id(), own.name(), "pong");
      neighbours.knowVersion(own.agentId(), own.submissionId());
      // When
      challenge(user, own, other)
          .statusCode(201)
          .body("match.agent1SubmissionId", equalTo(own.submissionId().toString()));
      challenge(user, own, other).statusCode(201);
      // Then
      assertThat(neighbours.questions()).isEqualTo(2);
    }
  }

  @Test
  void shouldSayNotFoundOnlyWhenTheOwnerSaysSoAndRecoverWithIt() {
    // Given
    Player own = known(Player.of(user));
    Player unknown = Player.fresh();
    // Then: nobody can tell
    challenge(user, own, unknown)
        .statusCode(503)
        .header("Retry-After", equalTo("5"))
        .body("code", equalTo("neighbour_unavailable"));
    // Then: the owner is back
    try (FakeNeighbours neighbours = new FakeNeighbours()) {
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(() -> problem(challenge(user, own, unknown), 404, "agent_not_found"));
      neighbours.knowAgent(unknown.agentId(), UUID.randomUUID(), "Late", "pong");
      problem(challenge(user, own, unknown), 409, "no_active_submission")
          .body("detail", containsString("Late"));
    }
  }

  @Test
  void shouldLimitChallengesAMinute() {
    // Given
    Player own = known(Player.of(user));
    for (int i = 0; i < 10; i++) {
      challenge(user, own, known(Player.fresh())).statusCode(201);
    }
    // Then
    problem(challenge(user, own, known(Player.fresh())), 429, "too_many_challenges")
        .header("Retry-After", Integer::parseInt, greaterThan(0));
    User another = User.fresh();
    challenge(another, known(Player.of(another)), own).statusCode(201);
    // When
    sql("update match set created_at = created_at - interval '61 seconds'");
    // Then
    challenge(user, own, known(Player.fresh())).statusCode(201);
  }

  @Test
  void shouldLimitChallengesOfOneAgentADay() {
    // Given
    Player own = known(Player.of(user));
    Player other = known(Player.fresh());
    for (int i = 0; i < 50; i++) {
      QuarkusTransaction.requiringNew().run(() -> createMatch.create(challengeOf(own, other)));
    }
    sql("update match set created_at = created_at - interval '10 minutes'");
    // Then
    problem(challenge(user, own, other), 429, "too_many_challenges")
        .header("Retry-After", Integer::parseInt, greaterThan(3600));
    challenge(user, own, known(Player.fresh())).statusCode(201);
  }

  @Test
  void shouldNotLetParallelRequestsPassTheLimit() throws Exception {
    // Given
    Player own = known(Player.of(user));
    Player other = known(Player.fresh());
    // When
    List<Future<Integer>> answers = new ArrayList<>();
    try (ExecutorService clients = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < 24; i++) {
        answers.add(clients.submit(() -> challenge(user, own, other).extract().statusCode()));
      }
    }
    // Then
    List<Integer> codes = new ArrayList<>();
    for (Future<Integer> answer : answers) {
      codes.add(answer.get());
    }
    assertThat(codes).containsOnly(201, 429);
    assertThat(codes.stream().filter(code -> code == 201)).hasSize(10);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "7",
        "\"text\"",
        "{",
        "{}",
        "{\"agent1Id\":null,\"agent2Id\":null}",
        "{\"agent1Id\":7,\"agent2Id\":true}",
        "{\"agent1Id\":{},\"agent2Id\":[]}",
        "{\"agent1Id\":\"abc\",\"agent2Id\":\"def\"}",
        "{\"agent1Id\":\"\\u0000\",\"agent2Id\":\"\\u0000\"}",
        "{\"agent1Id\":\"1-1-1-1-1\",\"agent2Id\":\"1-1-1-1-2\"}"
      })
  void shouldAnswerBadInputWithProblem(String body) {
    user.request()
        .body(body)
        .post("/api/v1/matches")
        .then()
        .statusCode(400)
        .contentType("application/problem+json")
        .body("detail", notNullValue());
    assertThat(count("select count(*) from match")).isZero();
  }

  @Test
  void shouldAnswerWrongContentTypeWithProblem() {
    user.request()
        .contentType("text/plain")
        .body("x")
        .post("/api/v1/matches")
        .then()
        .statusCode(415);
  }

  @Test
  void shouldLeaveSlotsToRatedMatches() {
    // Given: challenges came first, then rated matches; four slots, of which challenges get one
    Player own = known(Player.of(user));
    List<String> challenges = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      challenges.add(
          challenge(user, own, known(Player.fresh())).statusCode(201).extract().path("match.id"));
    }
    List<UUID> rated = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      rated.add(request(Player.fresh(), Player.fresh()));
    }
    rated.forEach(id -> awaitStatus(id, "pending"));
    FakeExecutor.Held held = new FakeExecutor.Held();
    // When
    try (FakeExecutor executor = FakeExecutor.at(0).withCapacity(4).plays(held)) {
      await().atMost(LIMIT).until(() -> executor.playing() == 4);
      // Then
      assertThat(count("select count(*) from match where state = 'running' and kind = 'challenge'"))
          .isEqualTo(1);
      // When
      held.release();
      // Then
      challenges.forEach(id -> awaitStatus(UUID.fromString(id), "completed"));
      rated.forEach(id -> awaitStatus(id, "completed"));
    }
  }

  private NewMatch challengeOf(Player first, Player second) {
    return new NewMatch(
        UUID.randomUUID(),
        MatchKind.CHALLENGE,
        false,
        "pong",
        "0.1.2",
        1,
        null,
        user.id(),
        List.of(seat(first), seat(second)));
  }

  private static Seat seat(Player player) {
    return new Seat(
        player.agentId(),
        player.name(),
        player.ownerId(),
        player.submissionId(),
        3,
        bundle(),
        null);
  }

  private static ValidatableResponse problem(
      ValidatableResponse response, int status, String code) {
    return response
        .statusCode(status)
        .contentType("application/problem+json")
        .body("code", equalTo(code))
        .body("status", equalTo(status))
        .body("detail", notNullValue());
  }

  private static ValidatableResponse challenge(User by, Player first, Player second) {
    return by.request().body(body(first, second)).post("/api/v1/matches").then();
  }

  private static Map<String, String> body(Player first, Player second) {
    return Map.of("agent1Id", first.agentId().toString(), "agent2Id", second.agentId().toString());
  }
}
