package org.rlarena.agent;

import static io.restassured.RestAssured.given;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.restassured.specification.RequestSpecification;
import java.util.Map;
import java.util.UUID;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.infra.testing.TestInfra;

/** What all tests of the running service share: one start, one database, one broker. */
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "agent_service"))
@WithTestResource(TestKeys.class)
public abstract class ServiceTest {

  /** A user that no other test knows. */
  public record User(UUID id, String username) {

    public static User fresh() {
      UUID id = UUID.randomUUID();
      return new User(id, "user-" + id.toString().substring(0, 8));
    }

    public RequestSpecification request() {
      return given()
          .header("Authorization", "Bearer " + TestTokens.user(id, username))
          .contentType("application/json");
    }

    /** Creates an agent of this user and gives its id. */
    public String creates(String name, String environmentId) {
      return request()
          .body(Map.of("name", name, "environmentId", environmentId))
          .post("/api/v1/agents")
          .then()
          .statusCode(201)
          .extract()
          .path("agent.id");
    }
  }
}
