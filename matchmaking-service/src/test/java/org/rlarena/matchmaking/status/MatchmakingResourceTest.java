package org.rlarena.matchmaking.status;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.infra.testing.TestInfra;
import org.rlarena.matchmaking.Neighbours;
import org.rlarena.matchmaking.Neighbours.Agent;

/** What people see of the queue, after neighbours' events have come in. */
@QuarkusTest
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "matchmaking_service"))
@WithTestResource(TestKeys.class)
class MatchmakingResourceTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Agent ada = Agent.named("Ada");
  private final Agent bob = Agent.named("Bob");
  private Neighbours neighbours;

  @BeforeEach
  void connect() {
    neighbours = new Neighbours();
  }

  @AfterEach
  void disconnect() {
    neighbours.close();
  }

  @Test
  void shouldCountWhoWaitsAndWhoPlays() {
    // Given
    Agent cleo = Agent.named("Cleo");
    neighbours.openEnvironment();
    neighbours.enter(ada);
    neighbours.enter(bob);
    neighbours.awaitRequest(ada, bob);

    // When
    neighbours.enter(cleo);

    // Then
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                given()
                    .queryParam("environmentId", neighbours.environment)
                    .get("/api/v1/matchmaking/queue")
                    .then()
                    .statusCode(200)
                    .body("queues.environmentId", contains(neighbours.environment))
                    .body("queues.waiting", contains(1))
                    .body("queues.resting", contains(0))
                    .body("queues.openMatches", contains(1)));
  }

  @Test
  void shouldTellWhereAnAgentIs() {
    // Given
    neighbours.openEnvironment();
    neighbours.changed(ada, 1, true);

    // When, Then: without a version, waiting, playing
    awaitState(ada, "out");
    neighbours.activated(ada, 1);
    awaitState(ada, "waiting");
    neighbours.enter(bob);
    awaitState(ada, "playing");
    given()
        .get("/api/v1/matchmaking/agents/" + ada.id())
        .then()
        .body("canMatch", equalTo(false))
        .body("matchesToday", equalTo(1))
        .body("dailyLimit", equalTo(100))
        .body("$", not(hasKey("cooldownUntil")))
        .body("dailyMatchesRemaining", equalTo(99));
  }

  @Test
  void shouldShowNothingOfUnknownEnvironments() {
    given()
        .queryParam("environmentId", "nothing\u0000here")
        .get("/api/v1/matchmaking/queue")
        .then()
        .statusCode(200)
        .body("queues", empty());
  }

  @ParameterizedTest
  @CsvSource({
    "not-an-id, 400, invalid_id",
    "%00, 400, invalid_id",
    "00000000-0000-4000-8000-000000000000, 404, agent_not_found"
  })
  void shouldRefuseWhatItDoesNotKnow(String id, int status, String code) {
    given()
        .urlEncodingEnabled(false)
        .get("/api/v1/matchmaking/agents/" + id)
        .then()
        .statusCode(status)
        .contentType("application/problem+json")
        .body("code", equalTo(code))
        .body("detail", notNullValue());
  }

  @Test
  void shouldDescribeItself() {
    given().get("/q/health/live").then().statusCode(200);
    given().get("/q/metrics").then().statusCode(200);
    given()
        .accept("application/json")
        .get("/q/openapi")
        .then()
        .statusCode(200)
        .body("paths.keySet()", hasItem("/api/v1/matchmaking/queue"));
  }

  private void awaitState(Agent agent, String state) {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                given()
                    .get("/api/v1/matchmaking/agents/" + agent.id())
                    .then()
                    .statusCode(200)
                    .body("state", equalTo(state)));
  }
}
