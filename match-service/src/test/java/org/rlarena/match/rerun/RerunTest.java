package org.rlarena.match.rerun;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.infra.testing.Contract;
import org.rlarena.match.testing.FakeExecutor;
import org.rlarena.match.testing.ServiceTest;

@QuarkusTest
class RerunTest extends ServiceTest {

  private static final Map<String, String> WHY = Map.of("reason", "the loser does not believe it");

  private final UUID rootId = UUID.randomUUID();
  private final String root = TestTokens.admin(rootId, "root");

  @Test
  void shouldPlayTheSameGameAgainUnrated() {
    try (FakeExecutor executor = FakeExecutor.at(0)) {
      // Given
      Player first = known(Player.fresh());
      Player second = known(Player.fresh());
      UUID old = request(first, second);
      awaitStatus(old, "completed");

      // When
      String id =
          rerun(root, old.toString())
              .statusCode(201)
              .body("rerunOf", equalTo(old.toString()))
              .body("match.id", not(equalTo(old.toString())))
              .body("match.rated", equalTo(false))
              .body("match.agent1Id", equalTo(first.agentId().toString()))
              .body("match.agent2SubmissionId", equalTo(second.submissionId().toString()))
              .extract()
              .path("match.id");
      awaitStatus(UUID.fromString(id), "completed");

      // Then
      var finished = events.await("match.finished", e -> e.key().equals(id));
      Contract.assertMatches(finished);
      assertThat(finished.data().get("rated").asBoolean()).isFalse();
      assertThat(executor.requests()).hasSize(2);
      assertThat(executor.requests().get(1).getSeed())
          .isEqualTo(executor.requests().get(0).getSeed());
      JsonPath log =
          given()
              .auth()
              .oauth2(root)
              .get("/api/v1/admin/audit/matches?limit=1")
              .then()
              .statusCode(200)
              .extract()
              .jsonPath();
      assertThat(log.getString("entries[0].action")).isEqualTo("match.rerun");
      assertThat(log.getString("entries[0].target")).isEqualTo(old + " as " + id);
      assertThat(log.getString("entries[0].adminId")).isEqualTo(rootId.toString());
    }
  }

  @Test
  void shouldRefuseMatchThatIsNotOver() {
    UUID waiting = request(known(Player.fresh()), known(Player.fresh()));
    awaitStatus(waiting, "pending");

    rerun(root, waiting.toString()).statusCode(409).body("code", equalTo("match_not_over"));
  }

  @Test
  void shouldRefuseMatchWhoseAgentIsGone() {
    // Given
    Player first = known(Player.fresh());
    UUID old = request(first, known(Player.fresh()));
    awaitStatus(old, "pending");
    publishDeleted(first, 2);
    awaitStatus(old, "cancelled");

    // Then
    rerun(root, old.toString()).statusCode(409).body("code", equalTo("agent_deleted"));
  }

  @Test
  void shouldLetAdministratorsAloneIn() {
    String id = UUID.randomUUID().toString();
    String user = TestTokens.user(UUID.randomUUID(), "ada");
    String program = TestTokens.api(rootId, "root", "read matches:write");

    given()
        .contentType("application/json")
        .body(WHY)
        .post("/api/v1/admin/matches/" + id + "/rerun")
        .then()
        .statusCode(401);
    for (String token : List.of(user, program)) {
      rerun(token, id).statusCode(403);
      given().auth().oauth2(token).get("/api/v1/admin/audit/matches").then().statusCode(403);
    }
    rerun(root, id).statusCode(404).body("code", equalTo("match_not_found"));
    given()
        .auth()
        .oauth2(root)
        .contentType("application/json")
        .body("{}")
        .post("/api/v1/admin/matches/" + id + "/rerun")
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_reason"));
  }

  private static ValidatableResponse rerun(String token, String id) {
    return given()
        .auth()
        .oauth2(token)
        .contentType("application/json")
        .body(WHY)
        .post("/api/v1/admin/matches/" + id + "/rerun")
        .then();
  }
}
