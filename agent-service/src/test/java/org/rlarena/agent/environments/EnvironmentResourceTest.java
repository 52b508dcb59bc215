package org.rlarena.agent.environments;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;

import io.quarkus.test.junit.QuarkusTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.agent.ServiceTest;

@QuarkusTest
class EnvironmentResourceTest extends ServiceTest {

  private static final String ENVIRONMENTS = "/api/v1/environments";

  @Test
  void shouldListWhatCameWithTheDatabase() {
    given()
        .get(ENVIRONMENTS)
        .then()
        .statusCode(200)
        .body("environments.id", hasItems("connect-four", "pong", "tic-tac-toe"))
        .body("environments.find { it.id == 'connect-four' }.enabled", equalTo(true))
        .body("environments.find { it.id == 'connect-four' }.offered", equalTo(false))
        .body("environments.find { it.id == 'connect-four' }.minPlayers", equalTo(2))
        .body("environments.find { it.id == 'connect-four' }.maxPlayers", equalTo(2))
        .body("environments.find { it.id == 'connect-four' }.maxSteps", equalTo(42))
        .body("environments.find { it.id == 'connect-four' }.config.size()", equalTo(0));
  }

  @Test
  void shouldCountLivingAgents() {
    User ada = User.fresh();
    int before = participants();
    String id = ada.creates("One", "tic-tac-toe");
    ada.creates("Two", "tic-tac-toe");
    ada.request().delete("/api/v1/agents/" + id);

    given()
        .get(ENVIRONMENTS + "/tic-tac-toe")
        .then()
        .statusCode(200)
        .body("environment.name", equalTo("Tic-Tac-Toe"))
        .body("environment.participantCount", equalTo(before + 1));
  }

  private static int participants() {
    return given().get(ENVIRONMENTS + "/tic-tac-toe").path("environment.participantCount");
  }

  @ParameterizedTest
  @ValueSource(strings = {"chess-boxing", "PONG", "%00"})
  void shouldNameKnownEnvironmentsWhenOneIsUnknown(String id) {
    given()
        .urlEncodingEnabled(false)
        .get(ENVIRONMENTS + "/" + id)
        .then()
        .statusCode(404)
        .body("code", equalTo("environment_not_found"))
        .body("detail", containsString("pong"));
  }
}
