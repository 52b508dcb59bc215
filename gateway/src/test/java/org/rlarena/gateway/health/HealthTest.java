package org.rlarena.gateway.health;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.aMapWithSize;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.gateway.FakeServices;
import org.rlarena.gateway.Service;

/** In these tests match-service misses its executor and build-service does not run. */
@QuarkusTest
@WithTestResource(FakeServices.class)
class HealthTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/health",
        "/api/v1/health",
        "/health/",
        "/health?strict=false",
        "/health?strict="
      })
  void shouldTellWhichPartIsDown(String path) {
    given()
        .get(path)
        .then()
        .statusCode(200)
        .contentType("application/json")
        .body("status", equalTo("degraded"))
        .body("service", equalTo("rl-arena"))
        .body("parts", aMapWithSize(Service.values().length))
        .body("parts.'agent-service'.status", equalTo("up"))
        .body("parts.'agent-service'", not(hasKey("missing")))
        .body("parts.'match-service'.status", equalTo("down"))
        .body("parts.'match-service'.missing", contains("executor"))
        .body("parts.'build-service'.status", equalTo("down"))
        .body("parts.'build-service'.missing", contains("does not respond"));
  }

  @Test
  void shouldFailForStrictMonitors() {
    given().get("/health?strict=true").then().statusCode(503).body("status", equalTo("degraded"));
  }

  @Test
  void shouldBeReadyItselfWhateverTheParts() {
    given().get("/q/health/live").then().statusCode(200);
    given().get("/q/health/ready").then().statusCode(200);
  }

  @Test
  void shouldMeasureRequestsByRouteAndNotByPath() {
    String id = "7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01";
    given().get("/api/v1/agents/" + id).then().statusCode(200);

    String metrics = given().get("/q/metrics").asString();

    assertThat(metrics)
        .contains("arena_gateway_requests_seconds_count", "route=\"/api/v1/agents/{uuid}\"")
        .doesNotContain(id);
  }

  @Test
  void shouldRefuseWhatIsNeitherTrueNorFalse() {
    given().get("/health?strict=maybe").then().statusCode(400).body("code", equalTo("bad_request"));
  }
}
