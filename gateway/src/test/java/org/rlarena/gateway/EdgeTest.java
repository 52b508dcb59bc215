package org.rlarena.gateway;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@WithTestResource(FakeServices.class)
class EdgeTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"/api/v1/agents", "/api/v1/auth/login", "/health", "/unknown/path", "/swagger/"})
  void shouldAnswerPreflightOnEveryPath(String path) {
    given()
        .header("Origin", "http://localhost:3000")
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "authorization,content-type")
        .options(path)
        .then()
        .statusCode(204)
        .header("Access-Control-Allow-Origin", "http://localhost:3000")
        .header("Access-Control-Allow-Credentials", "true")
        .header("Access-Control-Allow-Methods", containsString("PUT"))
        .header("Access-Control-Allow-Headers", containsString("Authorization"))
        .header("Access-Control-Allow-Headers", containsString("Content-Type"))
        .body(emptyString());
  }

  @Test
  void shouldLetPagesOfKnownOriginsReadAnswersAndErrors() {
    for (String path : new String[] {"/api/v1/agents", "/unknown", "/health"}) {
      given()
          .header("Origin", "https://rl-arena.github.io")
          .get(path)
          .then()
          .header("Access-Control-Allow-Origin", "https://rl-arena.github.io")
          .header("Vary", containsString("Origin"));
    }
  }

  @Test
  void shouldServeOtherOriginsWithoutLettingTheirPagesRead() {
    given()
        .header("Origin", "https://evil.example")
        .get("/api/v1/agents")
        .then()
        .statusCode(200)
        .header("Access-Control-Allow-Origin", nullValue());
    given()
        .header("Origin", "https://evil.example")
        .options("/api/v1/agents")
        .then()
        .statusCode(204)
        .header("Access-Control-Allow-Origin", nullValue())
        .header("Access-Control-Allow-Methods", nullValue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/api/v1/agents", "/unknown", "/swagger/index.html", "/health"})
  void shouldSendSecurityHeaders(String path) {
    given()
        .get(path)
        .then()
        .header("X-Content-Type-Options", equalTo("nosniff"))
        .header("X-Frame-Options", equalTo("SAMEORIGIN"))
        .header("Referrer-Policy", equalTo("no-referrer"))
        .header("X-Request-Id", matchesPattern("[0-9a-f-]{36}"))
        .header("Strict-Transport-Security", nullValue());
  }

  @Test
  void shouldLetBrowsersTakeAnswersOfTheApiForNothingButData() {
    for (String path : new String[] {"/api/v1/agents", "/api/v1/nothing", "/api/v1/health"}) {
      given()
          .get(path)
          .then()
          .header("Content-Security-Policy", containsString("default-src 'none'"))
          .header("Content-Security-Policy", containsString("frame-ancestors 'none'"));
    }
    given().get("/swagger/").then().header("Content-Security-Policy", nullValue());
  }

  @Test
  void shouldKeepTheIdOfARequestInAnswersOfItsOwn() {
    for (String path : new String[] {"/health", "/nothing", "/api/v1/events", "/openapi.json"}) {
      given().header("X-Request-Id", "mine.1").get(path).then().header("X-Request-Id", "mine.1");
    }
  }

  @Test
  void shouldSayWhatThisIs() {
    given()
        .get("/")
        .then()
        .statusCode(200)
        .contentType("text/html")
        .body(containsString("RL-Arena"))
        .body(containsString("/swagger"))
        .body(containsString("/health"));
  }
}
