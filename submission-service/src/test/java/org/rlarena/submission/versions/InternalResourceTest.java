package org.rlarena.submission.versions;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.infra.testing.Contract;
import org.rlarena.submission.ServiceTest;

@QuarkusTest
class InternalResourceTest extends ServiceTest {

  private static final String SERVICE = "submission-service";

  private final User owner = User.fresh();

  @Test
  void shouldSendTheUploadToTheBuild() {
    UUID id = owner.uploads(knownAgentOf(owner));

    byte[] body =
        with(TestTokens.service(SERVICE, "source:read"))
            .get("/internal/submissions/{id}/source", id)
            .then()
            .statusCode(200)
            .extract()
            .asByteArray();

    assertThat(body).isEqualTo(CODE);
  }

  @Test
  void shouldTellThePlayingVersionAsTheEventDoes() {
    // Given
    UUID agentId = knownAgentOf(owner);
    UUID id = owner.uploads(agentId);
    publishSuccess(agentId, id, 1);
    awaitStatus(owner, id, "active");

    // When
    String json =
        with(TestTokens.service(SERVICE, "submission:read"))
            .get("/internal/agents/{id}/active-submission", agentId)
            .then()
            .statusCode(200)
            .body("submissionId", equalTo(id.toString()))
            .body("sequence", equalTo(1))
            .body("bundle.pythonMinor", equalTo("3.11"))
            .extract()
            .asString();

    // Then
    Contract.assertMatches("submission.activated.v1", json);
  }

  @Test
  void shouldKnowNoPlayingVersionWhereNonePlays() {
    UUID agentId = knownAgentOf(owner);
    owner.uploads(agentId);

    for (UUID id : new UUID[] {agentId, UUID.randomUUID()}) {
      with(TestTokens.service(SERVICE, "submission:read"))
          .get("/internal/agents/{id}/active-submission", id)
          .then()
          .statusCode(404)
          .body("code", equalTo("no_active_submission"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "/internal/submissions/7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01/source,submission:read",
    "/internal/agents/7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01/active-submission,source:read"
  })
  void shouldServeOnlyServicesWithTheRightScope(String path, String otherScope) {
    given().get(path).then().statusCode(401);
    with(TestTokens.service("agent-service", "source:read")).get(path).then().statusCode(401);
    with(TestTokens.service(SERVICE, otherScope)).get(path).then().statusCode(403);
    with(TestTokens.user(owner.id(), owner.username())).get(path).then().statusCode(403);
    with(TestTokens.admin(owner.id(), owner.username())).get(path).then().statusCode(403);
  }

  private static RequestSpecification with(String token) {
    return given().header("Authorization", "Bearer " + token);
  }
}
