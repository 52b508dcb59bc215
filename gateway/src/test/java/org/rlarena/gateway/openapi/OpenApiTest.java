package org.rlarena.gateway.openapi;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.gateway.FakeServices;

@QuarkusTest
@WithTestResource(FakeServices.class)
class OpenApiTest {

  @BeforeEach
  void awaitAllParts() {
    // on a busy machine a part may miss its time, and is asked again
    await()
        .untilAsserted(
            () -> given().get("/openapi.json").then().body("x-missing-parts", hasSize(1)));
  }

  @Test
  void shouldMergeThePublicPathsOfAllServices() {
    given()
        .get("/openapi.json")
        .then()
        .statusCode(200)
        .contentType("application/json")
        .body("openapi", equalTo("3.1.0"))
        .body("paths", hasKey("/health"))
        .body("paths", hasKey("/api/v1/users/me"))
        .body("paths.'/api/v1/agents/{id}'.get.summary", equalTo("of agent-service"))
        .body("paths.'/api/v1/matches/{matchId}/replay'.get.summary", equalTo("of match-service"))
        .body("paths", not(hasKey("/internal/secret")))
        .body("paths", not(hasKey("/q/anything")))
        .body("paths", not(hasKey("/api/v1/nobodys/auth-service")))
        .body("x-missing-parts", hasItem("build-service"));
  }

  @Test
  void shouldSayWhatHoldsForEveryAnswer() {
    given()
        .get("/openapi.json")
        .then()
        .body("paths.'/api/v1/agents/{id}'.get.operationId", equalTo("getAgentsId"))
        .body("paths.'/api/v1/agents/{id}'.get.tags", hasItem("agents"))
        .body(
            "paths.'/api/v1/agents/{id}'.get.responses.'404'.'$ref'",
            equalTo("#/components/responses/Problem"))
        .body(
            "paths.'/api/v1/agents/{id}'.get.responses.'429'.'$ref'",
            equalTo("#/components/responses/Problem"))
        .body(
            "paths.'/api/v1/agents/{id}'.get.responses.default.'$ref'",
            equalTo("#/components/responses/Problem"))
        .body(
            "paths.'/api/v1/agents/{id}'.get.responses.'200'.content.'application/json'.example.agent.name",
            equalTo("Left Hook"))
        .body("paths.'/api/v1/events'.get.security[0]", hasKey("bearer"))
        .body("paths.'/health'.get.responses.'503'.content", hasKey("application/json"))
        .body("components.schemas", not(hasKey("Unused")))
        .body("components.schemas.Problem.properties", hasKey("retry_after"));
  }

  @Test
  void shouldKeepNamesOfTwoServicesApart() {
    var description = given().get("/openapi.json").then();
    String ofAgents =
        description
            .extract()
            .path(
                "paths.'/api/v1/agents/{id}'.get.responses.'200'.content.'application/json'.schema.'$ref'");
    String ofMatches =
        description
            .extract()
            .path(
                "paths.'/api/v1/matches/{matchId}/replay'.get.responses.'200'.content.'application/json'.schema.'$ref'");

    description.body("components.schemas." + lastOf(ofAgents) + ".title", equalTo("agent-service"));
    description.body(
        "components.schemas." + lastOf(ofMatches) + ".title", equalTo("match-service"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/swagger", "/swagger/", "/swagger/index.html"})
  void shouldShowTheDescriptionToPeople(String path) {
    given().get(path).then().statusCode(200).body(containsString("/openapi.json"));
  }

  private static String lastOf(String reference) {
    return reference.substring(reference.lastIndexOf('/') + 1);
  }
}
