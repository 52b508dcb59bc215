package org.rlarena.problems;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
class JsonProblemsTest {

  private static ValidatableResponse post(String body) {
    return given().contentType("application/json").body(body).post("/body").then();
  }

  @Test
  void shouldTakeWhatIsOfTheRightTypes() {
    post("{\"text\": \"7\", \"yes\": true, \"count\": 7, \"ratio\": 7, \"texts\": [\"a\"]}")
        .statusCode(200)
        .body("text", equalTo("7"))
        .body("yes", equalTo(true))
        .body("count", equalTo(7));
    post("{\"text\": null, \"yes\": null, \"count\": null, \"more\": 1}").statusCode(200);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"text\": false} | text",
        "{\"text\": 7} | text",
        "{\"text\": 7.5} | text",
        "{\"text\": {}} | text",
        "{\"texts\": [false]} | texts",
        "{\"yes\": 0} | yes",
        "{\"yes\": \"true\"} | yes",
        "{\"count\": \"7\"} | count",
        "{\"count\": 7.5} | count",
        "{\"count\": true} | count",
        "{\"ratio\": \"7\"} | ratio",
        "{\"inner\": {\"count\": []}} | inner.count",
      })
  void shouldNameTheFieldOfTheWrongType(String body, String field) {
    post(body)
        .statusCode(400)
        .contentType("application/problem+json")
        .body("code", equalTo("own_code"))
        .body(
            "detail",
            equalTo("The field " + field + " has a value of the wrong type; correct it."));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"text\": ", "[]", "7", "{\"text\" \"a\"}", "{'text': 1}"})
  void shouldRefuseWhatIsNoObjectWithoutTheParsersWords(String body) {
    post(body)
        .statusCode(400)
        .body("code", equalTo("own_code"))
        .body("detail", equalTo("The body must be a JSON object; check its syntax."))
        .body("detail", not(containsString("Exception")));
  }
}
