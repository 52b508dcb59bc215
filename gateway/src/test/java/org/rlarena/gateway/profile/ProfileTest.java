package org.rlarena.gateway.profile;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.gateway.FakeServices;

@QuarkusTest
@WithTestResource(FakeServices.class)
class ProfileTest {

  private static ValidatableResponse me(String token) {
    return given().header("Authorization", "Bearer " + token).get("/api/v1/users/me").then();
  }

  @Test
  void shouldComposeWhatAllPartsKnow() {
    me("sound")
        .statusCode(200)
        .body("user.username", equalTo("ada"))
        .body("user", hasKey("avatarUrl"))
        .body("username", equalTo("ada"))
        .body("email", equalTo("a@x.org"))
        .body("fullName", equalTo("Ada"))
        .body("avatarUrl", nullValue())
        .body("stats.totalSubmissions", equalTo(7))
        .body("stats.activeAgents", equalTo(2))
        .body("stats.totalMatches", equalTo(40))
        .body("stats.totalWins", equalTo(21))
        .body("stats.bestRank", equalTo(3))
        .body("recentAgents.id", contains("a1", "a2"))
        .body("recentAgents.name", contains("Left", "Right"))
        .body("recentAgents.status", contains("active", "inactive"))
        .body("recentAgents.competition", contains("pong", "connect-four"))
        .body("matchHistory.id", contains("m1"))
        .body("$", not(hasKey("partial")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"slow:rating-service", "broken:rating-service"})
  void shouldLeaveOutAPartThatFails(String token) {
    me(token)
        .statusCode(200)
        .body("partial", equalTo(true))
        .body("user.username", equalTo("ada"))
        .body("stats.totalSubmissions", equalTo(7))
        .body("stats", not(hasKey("totalMatches")))
        .body("recentAgents.id", contains("a1", "a2"));
  }

  @Test
  void shouldLeaveOutAgentsThatCannotBeAsked() {
    me("slow:agent-service")
        .statusCode(200)
        .body("partial", equalTo(true))
        .body("stats.totalWins", equalTo(21))
        .body("$", not(hasKey("recentAgents")));
  }

  @Test
  void shouldLeaveOutMatchesThatCannotBeAsked() {
    me("broken:match-service")
        .statusCode(200)
        .body("partial", equalTo(true))
        .body("recentAgents.id", contains("a1", "a2"))
        .body("$", not(hasKey("matchHistory")));
  }

  @Test
  void shouldNeedAuth() {
    me("slow:auth-service")
        .statusCode(503)
        .header("Retry-After", "5")
        .body("code", equalTo("service_unavailable"))
        .body("error", containsString("auth-service"));
  }

  @Test
  void shouldPassOnThatTheCallerIsUnknown() {
    given()
        .get("/api/v1/users/me")
        .then()
        .statusCode(401)
        .header("WWW-Authenticate", "Bearer")
        .contentType("application/problem+json")
        .body("code", equalTo("unauthorized"))
        .body("error", equalTo("Log in and send the token."));
  }
}
