package org.rlarena.agent.agents;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.agent.ServiceTest;
import org.rlarena.infra.testing.Contract;

@QuarkusTest
class InternalAgentResourceTest extends ServiceTest {

  private static final String INTERNAL = "/internal/agents/";

  private final User ada = User.fresh();

  private static RequestSpecification service(String audience, String scope) {
    return given().header("Authorization", "Bearer " + TestTokens.service(audience, scope));
  }

  @Test
  void shouldAnswerNewestStateAsInTheEvent() {
    String id = ada.creates("Left Hook", "pong");
    ada.request().body(Map.of("name", "Right Hook")).put("/api/v1/agents/" + id);

    String answer =
        service("agent-service", "agent:read")
            .get(INTERNAL + id)
            .then()
            .statusCode(200)
            .body("agentId", equalTo(id))
            .body("sequence", equalTo(2))
            .body("name", equalTo("Right Hook"))
            .body("ownerId", equalTo(ada.id().toString()))
            .extract()
            .asString();

    Contract.assertMatches(AgentChanged.TYPE, answer);
  }

  @Test
  void shouldSayThatDeletedAgentIsGone() {
    String id = ada.creates("Left Hook", "pong");
    ada.request().delete("/api/v1/agents/" + id);

    service("agent-service", "agent:read").get(INTERNAL + id).then().statusCode(404);
    service("agent-service", "agent:read").get(INTERNAL + "abc").then().statusCode(404);
  }

  @Test
  void shouldTakeServiceTokensOfTheRightScopeAlone() {
    String id = ada.creates("Left Hook", "pong");

    given().get(INTERNAL + id).then().statusCode(401);
    ada.request().get(INTERNAL + id).then().statusCode(403);
    service("agent-service", "source:read").get(INTERNAL + id).then().statusCode(403);
    service("submission-service", "agent:read").get(INTERNAL + id).then().statusCode(401);
  }
}
