package org.rlarena.gateway.openapi;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;
import org.rlarena.gateway.FakeServices;

@QuarkusTest
@WithTestResource(FakeServices.class)
class EventsPageTest {

  @Test
  void shouldShowTheTopicsToPeople() {
    given()
        .get("/asyncapi")
        .then()
        .statusCode(200)
        .contentType("text/html")
        .header("Content-Security-Policy", startsWith("default-src 'none'"))
        .body(containsString("<h2>match.finished</h2>"));
    given().head("/asyncapi").then().statusCode(200).body(emptyString());
  }

  @Test
  void shouldServeTheDocumentAndWhatItNames() {
    given()
        .get("/asyncapi.yaml")
        .then()
        .statusCode(200)
        .contentType(containsString("yaml"))
        .body(startsWith("asyncapi: 3.0.0"))
        .body(containsString("'./events/match/match.finished.v1.schema.json'"));
    given()
        .get("/events/match/match.finished.v1.schema.json")
        .then()
        .statusCode(200)
        .contentType("application/json")
        .body("title", equalTo("A match was played"));
  }
}
