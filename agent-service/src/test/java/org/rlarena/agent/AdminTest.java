package org.rlarena.agent;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;

@QuarkusTest
class AdminTest extends ServiceTest {

  private static final String ADMIN = "/api/v1/admin";
  private static final String AUDIT = ADMIN + "/audit/agents";
  private static final Map<String, String> WHY = Map.of("reason", "plays dead");

  private final UUID rootId = UUID.randomUUID();
  private final String root = TestTokens.admin(rootId, "root");
  private final User ada = User.fresh();

  @Test
  void shouldTakeAgentOutOfPlayAndLetItBackIn() {
    try (Events events = Events.connect()) {
      // Given
      String id = ada.creates("Sleeper", "pong");

      // When
      post(root, "/agents/" + id + "/disable", WHY).then().statusCode(200);
      post(root, "/agents/" + id + "/enable", WHY).then().statusCode(200);

      // Then
      for (long sequence : new long[] {2, 3}) {
        var event =
            events.await(
                "agent.changed",
                e -> e.key().equals(id) && e.data().get("sequence").asLong() == sequence);
        Contract.assertMatches(event);
        assertThat(event.data().get("enabled").asBoolean()).isEqualTo(sequence == 3);
      }
      JsonPath log = audit("?limit=2");
      assertThat(log.getList("entries.action")).containsExactly("agent.enabled", "agent.disabled");
      assertThat(log.getList("entries.target")).containsExactly(id, id);
      assertThat(log.getList("entries.adminId")).containsOnly(rootId.toString());
      assertThat(log.getList("entries.reason")).containsOnly("plays dead");
    }
  }

  @Test
  void shouldSwitchEnvironmentOffAndOn() {
    try (Events events = Events.connect()) {
      // When
      post(root, "/environments/connect-four/disable", WHY).then().statusCode(200);

      // Then
      given()
          .get("/api/v1/environments/connect-four")
          .then()
          .body("environment.enabled", equalTo(false));
      var event =
          events.await(
              "environment.changed",
              e -> e.key().equals("connect-four") && !e.data().get("enabled").asBoolean());
      Contract.assertMatches(event);
      post(root, "/environments/connect-four/disable", WHY)
          .then()
          .statusCode(409)
          .body("code", equalTo("already_disabled"));

      // When
      post(root, "/environments/connect-four/enable", WHY).then().statusCode(200);

      // Then
      post(root, "/environments/connect-four/enable", WHY)
          .then()
          .statusCode(409)
          .body("code", equalTo("already_enabled"));
      assertThat(audit("?limit=2").getList("entries.action"))
          .containsExactly("environment.enabled", "environment.disabled");
    }
  }

  @Test
  void shouldRefuseWhatIsSoAlreadyOrUnknown() {
    String id = ada.creates("Awake", "pong");

    post(root, "/agents/" + id + "/enable", WHY)
        .then()
        .statusCode(409)
        .body("code", equalTo("already_enabled"));
    for (String unknown : List.of(UUID.randomUUID().toString(), "abc")) {
      post(root, "/agents/" + unknown + "/disable", WHY)
          .then()
          .statusCode(404)
          .body("code", equalTo("agent_not_found"));
    }
    post(root, "/environments/chess-boxing/disable", WHY)
        .then()
        .statusCode(404)
        .body("code", equalTo("environment_not_found"));
  }

  @Test
  void shouldLetAdministratorsAloneIn() {
    String id = ada.creates("Mine", "pong");
    String owner = TestTokens.user(ada.id(), ada.username());
    String program = TestTokens.api(rootId, "root", "read agents:write");

    for (String path : List.of("/agents/" + id + "/disable", "/environments/pong/disable")) {
      given().contentType("application/json").body(WHY).post(ADMIN + path).then().statusCode(401);
      post(owner, path, WHY).then().statusCode(403);
      post(program, path, WHY).then().statusCode(403);
    }
    given().get(AUDIT).then().statusCode(401);
    given().auth().oauth2(owner).get(AUDIT).then().statusCode(403);
    given().get("/api/v1/environments/pong").then().body("environment.enabled", equalTo(true));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "{}", "[]", "{", "{\"reason\":\" a \"}", "{\"reason\":7.5}"})
  void shouldAskWhy(String body) {
    String id = ada.creates("Asked", "pong");

    given()
        .auth()
        .oauth2(root)
        .contentType("application/json")
        .body(body)
        .post(ADMIN + "/agents/" + id + "/disable")
        .then()
        .statusCode(400)
        .contentType("application/problem+json");
  }

  @Test
  void shouldHoldProgramsToTheirScopes() {
    // Given
    String reader = TestTokens.api(ada.id(), ada.username(), "read");
    String writer = TestTokens.api(ada.id(), ada.username(), "agents:write");
    Map<String, String> agent = Map.of("name", "Bot", "environmentId", "pong");

    // Then
    given()
        .auth()
        .oauth2(reader)
        .contentType("application/json")
        .body(agent)
        .post("/api/v1/agents")
        .then()
        .statusCode(403)
        .body("code", equalTo("insufficient_scope"));
    given()
        .auth()
        .oauth2(writer)
        .contentType("application/json")
        .body(agent)
        .post("/api/v1/agents")
        .then()
        .statusCode(201);
    given().auth().oauth2(writer).get("/api/v1/agents/my").then().statusCode(403);
    given().auth().oauth2(reader).get("/api/v1/agents/my").then().body("total", equalTo(1));
  }

  private JsonPath audit(String query) {
    return given()
        .auth()
        .oauth2(root)
        .get(AUDIT + query)
        .then()
        .statusCode(200)
        .extract()
        .jsonPath();
  }

  private static Response post(String token, String path, Map<String, String> body) {
    return given()
        .auth()
        .oauth2(token)
        .contentType("application/json")
        .body(body)
        .post(ADMIN + path);
  }
}
