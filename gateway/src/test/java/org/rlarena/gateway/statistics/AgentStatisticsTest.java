package org.rlarena.gateway.statistics;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.gateway.FakeServices;

@QuarkusTest
@WithTestResource(FakeServices.class)
class AgentStatisticsTest {

  private static final String STATS = "/api/v1/agents/7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01/stats";

  private static ValidatableResponse stats(String token) {
    return given().header("Authorization", "Bearer " + token).get(STATS).then();
  }

  @Test
  void shouldSayHowAnAgentDidAndWhenItPlaysNext() {
    given()
        .get(STATS)
        .then()
        .statusCode(200)
        .body("service", equalTo("rating-service"))
        .body("uri", equalTo(STATS))
        .body("state", equalTo("resting"))
        .body("canMatch", equalTo(false))
        .body("nextMatchAvailableAt", equalTo("2026-11-26T07:00:00Z"))
        .body("cooldownUntil", equalTo("2026-11-26T07:00:00Z"))
        .body("matchesToday", equalTo(7))
        .body("dailyLimit", equalTo(100))
        .body("dailyMatchesRemaining", equalTo(93))
        .body("$", not(hasKey("waitingSince")))
        .body("$", not(hasKey("partial")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"slow:matchmaking-service", "broken:matchmaking-service"})
  void shouldLeaveOutWhatMatchmakingDoesNotSay(String token) {
    stats(token)
        .statusCode(200)
        .body("service", equalTo("rating-service"))
        .body("partial", equalTo(true))
        .body("$", not(hasKey("matchesToday")));
  }

  @Test
  void shouldNeedTheRatings() {
    stats("slow:rating-service")
        .statusCode(503)
        .header("Retry-After", "5")
        .body("error", containsString("rating-service"));
    stats("broken:rating-service").statusCode(500).body("code", equalTo("internal_error"));
  }

  @Test
  void shouldSayThatAnIdIsNone() {
    given()
        .get("/api/v1/agents/abc/stats")
        .then()
        .statusCode(404)
        .body("error", containsString("not a UUID"));
  }
}
