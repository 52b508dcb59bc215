package org.rlarena.gateway.proxy;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.gateway.FakeServices;
import org.rlarena.gateway.RawClient;

@QuarkusTest
@WithTestResource(FakeServices.class)
class ProxyTest {

  private static final String ID = "7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01";
  private static final String AGENTS = "/api/v1/agents";
  private static final String UPLOAD = "/api/v1/submissions";

  @ParameterizedTest
  @CsvSource({
    "GET, /.well-known/jwks.json, auth-service",
    "POST, /api/v1/auth/login, auth-service",
    "DELETE, /api/v1/agents/ID, agent-service",
    "GET, /api/v1/agents/ID/stats, rating-service",
    "GET, /api/v1/environments, agent-service",
    "POST, /api/v1/submissions, submission-service",
    "GET, /api/v1/matches/ID, match-service",
    "GET, /api/v1/leaderboard/environment/pong, rating-service",
    "PATCH, /api/v1/agents/ID, agent-service",
  })
  void shouldPassRequestToItsService(String method, String path, String service) {
    String asked = path.replace("ID", ID);
    given()
        .urlEncodingEnabled(false)
        .request(method, asked + "?page=2&x=%2F")
        .then()
        .statusCode(200)
        .body("service", equalTo(service))
        .body("method", equalTo(method))
        .body("uri", equalTo(asked + "?page=2&x=%2F"));
  }

  @Test
  void shouldPassChangesOfTheOwnAccountToAuth() {
    given()
        .header("Authorization", "Bearer x")
        .body("{}")
        .put("/api/v1/users/me")
        .then()
        .body("message", equalTo("updated by auth-service"));
  }

  @Test
  void shouldDropWhatTheClientMayNotSay() {
    given()
        .header("Authorization", "Bearer t")
        .header("Forwarded", "for=1.2.3.4")
        .header("X-Forwarded-For", "1.2.3.4")
        .header("X-Forwarded-Host", "evil")
        .header("X-Real-IP", "1.2.3.4")
        .header("X-Arena-User", "admin")
        .header("Connection", "close, X-Secret-Hop")
        .header("X-Secret-Hop", "1")
        .header("TE", "trailers")
        .header("Proxy-Authorization", "x")
        .header("Accept-Encoding", "gzip")
        .get(AGENTS)
        .then()
        .statusCode(200)
        .body("headers.authorization", equalTo("Bearer t"))
        .body("headers.forwarded", nullValue())
        .body("headers.'x-forwarded-for'", equalTo("127.0.0.1"))
        .body("headers.'x-forwarded-proto'", equalTo("http"))
        .body("headers.'x-forwarded-host'", nullValue())
        .body("headers.'x-real-ip'", nullValue())
        .body("headers.'x-arena-user'", nullValue())
        .body("headers.'x-secret-hop'", nullValue())
        .body("headers.te", nullValue())
        .body("headers.'proxy-authorization'", nullValue())
        .body("headers.'accept-encoding'", nullValue());
  }

  @Test
  void shouldLetReplaysBeCompressed() {
    for (String replay :
        new String[] {"/api/v1/matches/" + ID + "/replay", "/storage/replays/" + ID + ".json"}) {
      given()
          .header("Accept-Encoding", "gzip;q=0.7")
          .header("Range", "bytes=0-9")
          .header("If-Range", "\"1\"")
          .get(replay)
          .then()
          .statusCode(200)
          .body("headers.'accept-encoding'", containsString("gzip;q=0.7"))
          .body("headers.range", equalTo("bytes=0-9"))
          .body("headers.'if-range'", equalTo("\"1\""));
    }
    given()
        .header("X-Test", "headers")
        .get("/storage/replays/" + ID + ".html")
        .then()
        .header("Vary", "Origin, Accept-Encoding");
  }

  @Test
  void shouldNameRequestsAndTraces() {
    String traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    given()
        .header("X-Request-Id", "my-request.1")
        .header("traceparent", traceparent)
        .get(AGENTS)
        .then()
        .header("X-Request-Id", "my-request.1")
        .body("headers.'x-request-id'", equalTo("my-request.1"))
        .body("headers.traceparent", equalTo(traceparent));
    given()
        .header("X-Request-Id", "x".repeat(65))
        .header("traceparent", "00-" + "0".repeat(32) + "-00f067aa0ba902b7-01")
        .get(AGENTS)
        .then()
        .header("X-Request-Id", matchesPattern("[0-9a-f-]{36}"))
        .body("headers.traceparent", matchesPattern("00-[0-9a-f]{32}-[0-9a-f]{16}-01"))
        .body("headers.traceparent", not(containsString("0".repeat(32))));
  }

  @Test
  void shouldPassAnswersWithoutWhatIsForOneHop() {
    given()
        .header("X-Test", "headers")
        .get(AGENTS)
        .then()
        .statusCode(200)
        .header("X-Hop", nullValue())
        .header("Access-Control-Allow-Origin", nullValue())
        .header("ETag", "\"1\"")
        .header("Content-Disposition", "attachment; filename=x.html")
        .header("X-Content-Type-Options", "nosniff")
        .body(equalTo("<p>replay</p>"));
    assertThat(given().header("X-Test", "headers").get(AGENTS).headers().getValues("Set-Cookie"))
        .containsExactly("a=1", "b=2");
  }

  @Test
  void shouldShowStoredReplaysWithoutTrustingThem() {
    given()
        .header("X-Test", "headers")
        .get("/storage/replays/" + ID + ".html")
        .then()
        .statusCode(200)
        .header("Content-Disposition", nullValue())
        .header("Content-Security-Policy", "sandbox allow-scripts");
    given()
        .get("/storage/replays/" + ID + ".json")
        .then()
        .body("service", equalTo("match-service"))
        .body("uri", equalTo("/storage/replays/" + ID + ".json"));
  }

  @Test
  void shouldAnswerHeadWithoutBody() {
    given()
        .header("X-Test", "headers")
        .head("/storage/replays/" + ID + ".html")
        .then()
        .statusCode(200)
        .header("Content-Length", "13")
        .body(emptyString());
  }

  @Test
  void shouldGiveProblemsTheMembersThatOldClientsRead() {
    given()
        .header("X-Test", "problem")
        .get(AGENTS + "/" + ID)
        .then()
        .statusCode(409)
        .contentType("application/problem+json")
        .body("status", equalTo(409))
        .body("title", equalTo("Too many"))
        .body("detail", equalTo("Delete one first."))
        .body("code", equalTo("limit_reached"))
        .body("error", equalTo("Delete one first."))
        .body("message", equalTo("Delete one first."))
        .body("instance", equalTo(AGENTS + "/" + ID));
  }

  @ParameterizedTest
  @CsvSource({
    "bare-problem, 404, not_found",
    "text-error, 500, internal_error",
    "empty-error, 415, unsupported_media_type"
  })
  void shouldTurnPoorErrorsIntoProblems(String test, int status, String code) {
    given()
        .header("X-Test", test)
        .get(AGENTS)
        .then()
        .statusCode(status)
        .contentType("application/problem+json")
        .body("status", equalTo(status))
        .body("code", equalTo(code))
        .body("error", not(emptyString()))
        .body("error", not(containsString("HTTP")))
        .body("error", not(containsString("java")))
        .body("$", hasKey("message"));
  }

  @Test
  void shouldKeepWhenToTryAgain() {
    given()
        .header("X-Test", "limited")
        .get(AGENTS)
        .then()
        .statusCode(429)
        .header("Retry-After", "17")
        .body("code", equalTo("rate_limited"));
  }

  @Test
  void shouldSayWhichPartIsDownAndComeBackWithIt() {
    String path = UPLOAD + "/" + ID + "/build-logs";
    given()
        .get(path)
        .then()
        .statusCode(503)
        .contentType("application/problem+json")
        .header("Retry-After", "5")
        .body("code", equalTo("service_unavailable"))
        .body("error", allOf(containsString("build-service"), containsString("Try again")));

    control("build/up");
    try {
      given().get(path).then().statusCode(200).body("service", equalTo("build-service"));
    } finally {
      control("build/down");
    }

    given().get(path).then().statusCode(503);
  }

  @ParameterizedTest
  @ValueSource(strings = {"drop", "slow"})
  void shouldSayThatAPartDoesNotRespond(String test) {
    given()
        .header("X-Test", test)
        .get(AGENTS)
        .then()
        .statusCode(503)
        .header("Retry-After", "5")
        .body("code", equalTo("service_unavailable"))
        .body("error", containsString("agent-service"));
    given().get(AGENTS).then().statusCode(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/internal/agents/ID",
        "//internal/agents/ID",
        "/api/v1/../internal/agents/ID",
        "/api/v1/../../internal/agents/ID",
        "/%2e%2e/internal",
        "/api/v1/%2e%2e/internal/agents/ID",
        "/api/v1/agents/..%2f..%2finternal",
        "/api/v1/agents/..%2f..%2f..%2finternal%2fagents%2fID",
        "/api/v1/agents/ID/..;/..;/internal",
        "/api/v1/auth/..%5c..%5cinternal",
        "/api/v1/auth/%252e%252e/internal",
        "/%69nternal/agents/ID",
        "/q/openapi/../../internal/agents/ID",
        "/swagger/../internal/agents/ID",
        "/q/health/../../internal/agents/ID",
        "http://127.0.0.1/internal/agents/ID",
        "/unknown"
      })
  void shouldNeverReachInternalPaths(String path) throws Exception {
    String answer = RawClient.ask("GET " + path.replace("ID", ID) + " HTTP/1.1");

    assertThat(answer).containsPattern("^HTTP/1.1 (404|400)").doesNotContain("\"service\"");
  }

  @Test
  void shouldRefuseInTheShapeOfAllProblems() {
    given()
        .get(AGENTS + "/abc")
        .then()
        .statusCode(404)
        .contentType("application/problem+json")
        .body("status", equalTo(404))
        .body("title", equalTo("Not Found"))
        .body("code", equalTo("not_found"))
        .body("detail", containsString("not a UUID"))
        .body("error", containsString("not a UUID"))
        .body("message", containsString("not a UUID"))
        .body("instance", equalTo(AGENTS + "/abc"))
        .body("$", not(hasKey("retryAfter")));
    given()
        .get("/api/v1/matches/undefined/replay?format=json")
        .then()
        .statusCode(400)
        .body("code", equalTo("bad_request"));
  }

  @Test
  void shouldServeTheSameWithASlashAtTheEnd() {
    given().get(AGENTS + "/").then().statusCode(200).body("uri", equalTo(AGENTS));
  }

  private static String control(String what) {
    String auth =
        ConfigProvider.getConfig().getValue("arena.gateway.services.auth-service", String.class);
    return given().get(auth + "/control/" + what).asString();
  }

  /** RFC 9110 section 15.5.6: a 405 names the methods there are. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "PUT | /api/v1/agents/ID | no-method | GET, HEAD, OPTIONS",
        "TRACE | /api/v1/agents/ID | echo | GET, HEAD, OPTIONS",
        "DELETE | /health | echo | GET, HEAD, OPTIONS",
        "POST | /storage/replays/ID.json | echo | GET, HEAD, OPTIONS",
        "PUT | /api/v1/agents | no-method | OPTIONS",
      })
  void shouldNameTheMethodsThereAre(String method, String path, String test, String allowed) {
    given()
        .header("X-Test", test)
        .request(method, path.replace("ID", ID))
        .then()
        .statusCode(405)
        .header("Allow", allowed)
        .body("code", equalTo("method_not_allowed"))
        .body("detail", equalTo("This path has no such method."));
  }

  @Test
  void shouldStillNotFindWhatIsNowhere() {
    given().request("POST", "/api/v1/nothing").then().statusCode(404);
    given().request("GET", "/api/v1/agents/abc").then().statusCode(404);
  }
}
