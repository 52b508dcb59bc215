package org.rlarena.gateway.openapi;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.gateway.FakeServices;

@QuarkusTest
@WithTestResource(FakeServices.class)
class OpenApiTest {

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
