package org.rlarena.problems;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class StorageFullTest {

  @ParameterizedTest
  @ValueSource(strings = {"/full-disk", "/full-disk/wrapped"})
  void shouldAskToComeBackWhenTheDiskIsFull(String path) {
    given()
        .body("one byte too many")
        .put(path)
        .then()
        .statusCode(503)
        .contentType("application/problem+json")
        .header("Retry-After", "30")
        .body("code", equalTo("storage_full"));
  }

  @Test
  void shouldLeaveOtherFailuresAlone() {
    given().body("a").put("/full-disk/unreadable").then().statusCode(500);
  }
}
