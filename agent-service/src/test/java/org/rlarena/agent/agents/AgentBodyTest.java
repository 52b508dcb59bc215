package org.rlarena.agent.agents;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.agent.ServiceTest;

@QuarkusTest
class AgentBodyTest extends ServiceTest {

  private static final String AGENTS = "/api/v1/agents";
  private final User ada = User.fresh();

  static Stream<Arguments> badBodies() {
    return Stream.of(
        Arguments.of("not JSON", "{\"name\": \"x\""),
        Arguments.of("empty", ""),
        Arguments.of("null", "null"),
        Arguments.of("array", "[]"),
        Arguments.of("text", "\"pong\""),
        Arguments.of("no fields", "{}"),
        Arguments.of("no environment", "{\"name\": \"x\"}"),
        Arguments.of("no name", "{\"environmentId\": \"pong\"}"),
        Arguments.of("null name", "{\"name\": null, \"environmentId\": \"pong\"}"),
        Arguments.of("number as name", "{\"name\": 7, \"environmentId\": \"pong\"}"),
        Arguments.of("boolean as name", "{\"name\": true, \"environmentId\": \"pong\"}"),
        Arguments.of("object as name", "{\"name\": {}, \"environmentId\": \"pong\"}"),
        Arguments.of("list as name", "{\"name\": [\"x\"], \"environmentId\": \"pong\"}"),
        Arguments.of("NUL in name", "{\"name\": \"a\\u0000b\", \"environmentId\": \"pong\"}"),
        Arguments.of("NUL in text", body("x", "\\u0000", "pong")),
        Arguments.of("half a pair", body("x", "\\ud800", "pong")),
        Arguments.of("NUL in environment", body("x", "", "pong\\u0000")),
        Arguments.of("long name", body("x".repeat(101), "", "pong")),
        Arguments.of("long text", body("x", "y".repeat(2001), "pong")),
        Arguments.of("long environment", body("x", "", "z".repeat(5000))),
        Arguments.of("deep", "[".repeat(3000)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("badBodies")
  void shouldRefuseBadBodyAndStoreNothing(String name, String body) {
    String answer =
        ada.request()
            .body(body)
            .post(AGENTS)
            .then()
            .statusCode(400)
            .contentType("application/problem+json")
            .extract()
            .asString();

    assertThat(answer).doesNotContain("Exception", "org.rlarena", "at [Source");
    ada.request().get(AGENTS + "/my").then().body("total", equalTo(0));
  }

  @Test
  void shouldRefuseOtherContentTypesAndHugeBodies() {
    String token = "Bearer " + TestTokens.user(ada.id(), ada.username());
    given()
        .header("Authorization", token)
        .contentType(ContentType.TEXT)
        .body("x")
        .post(AGENTS)
        .then()
        .statusCode(415);
    given()
        .header("Authorization", token)
        .contentType("application/json")
        .body(body("x", "y".repeat(2_000_000), "pong"))
        .post(AGENTS)
        .then()
        .statusCode(413);
  }

  private static String body(String name, String description, String environmentId) {
    return "{\"name\":\"%s\",\"description\":\"%s\",\"environmentId\":\"%s\"}"
        .formatted(name, description, environmentId);
  }
}
