package org.rlarena.submission.versions;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.junit.QuarkusTest;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.submission.ServiceTest;

@QuarkusTest
class OwnedSubmissionsResourceTest extends ServiceTest {

  private static final String PATH = "/api/v1/submissions/";

  private final User owner = User.fresh();

  @Test
  void shouldShowReasonsAndSourceToTheOwnerAlone() {
    // Given
    UUID agentId = knownAgentOf(owner);
    UUID id = owner.uploads(agentId);
    publishFailure(agentId, id, 1);
    awaitStatus(owner, id, "build_failed");
    String reason = "agent.py, line 3: invalid syntax. Mend it and upload again.";

    // When, Then
    owner
        .reads(id)
        .statusCode(200)
        .body("message", nullValue())
        .body("submission.errorMessage", equalTo(reason))
        .body("submission.message", equalTo(reason))
        .body("submission.codeUrl", equalTo(PATH + id + "/source"));
    owner
        .request()
        .get(PATH + id + "/build-status")
        .then()
        .body("submissionId", equalTo(id.toString()))
        .body("status", equalTo("build_failed"))
        .body("attempt", equalTo(1))
        .body("errorMessage", equalTo(reason))
        .body("message", equalTo(reason));
    for (String token :
        new String[] {
          TestTokens.user(UUID.randomUUID(), "stranger"),
          TestTokens.expired(owner.id(), owner.username()),
          TestTokens.forged(owner.id(), owner.username())
        }) {
      given()
          .header("Authorization", "Bearer " + token)
          .get(PATH + id)
          .then()
          .statusCode(200)
          .body("submission.status", equalTo("build_failed"))
          .body("submission.containsKey('errorMessage')", equalTo(false))
          .body("submission.containsKey('message')", equalTo(false))
          .body("submission.containsKey('codeUrl')", equalTo(false));
    }
    given()
        .get(PATH + id + "/build-status")
        .then()
        .statusCode(200)
        .body("status", equalTo("build_failed"))
        .body("containsKey('errorMessage')", equalTo(false));
  }

  @Test
  void shouldListVersionsNewestFirstInPages() {
    // Given
    UUID agentId = knownAgentOf(owner);
    for (int i = 0; i < 3; i++) {
      owner.uploads(agentId);
    }

    // When, Then
    given()
        .get(PATH + "agent/" + agentId)
        .then()
        .statusCode(200)
        .body("submissions.version", contains(3, 2, 1))
        .body("submissions.agentName", contains("Left Hook", "Left Hook", "Left Hook"))
        .body("total", equalTo(3))
        .body("page", equalTo(1))
        .body("pageSize", equalTo(20));
    given()
        .get(PATH + "agent/" + agentId + "?page=2&pageSize=2")
        .then()
        .body("submissions.version", contains(1))
        .body("total", equalTo(3))
        .body("page", equalTo(2));
    given()
        .get(PATH + "agent/" + agentId + "?page=99999999999&pageSize=1000")
        .then()
        .statusCode(200)
        .body("submissions", empty())
        .body("pageSize", equalTo(100));
  }

  @Test
  void shouldListNothingForAnUnknownAgent() {
    given()
        .get(PATH + "agent/" + UUID.randomUUID())
        .then()
        .statusCode(200)
        .body("submissions", empty())
        .body("total", equalTo(0));
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/api/v1/submissions/abc",
    "GET,/api/v1/submissions/1-1-1-1-1/build-status",
    "GET,/api/v1/submissions/agent/abc",
    "GET,/api/v1/submissions/abc/source",
    "PUT,/api/v1/submissions/abc/activate",
    "POST,/api/v1/submissions/abc/rebuild",
    "GET,/api/v1/submissions/agent/7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01?page=x"
  })
  void shouldRefuseMalformedInput(String method, String path) {
    owner
        .request()
        .request(method, path)
        .then()
        .statusCode(400)
        .contentType("application/problem+json")
        .body("code", equalTo("invalid_request"));
  }

  @ParameterizedTest
  @CsvSource({"GET,", "GET,/build-status", "GET,/source", "PUT,/activate", "POST,/rebuild"})
  void shouldNotKnowOtherSubmissions(String method, String path) {
    owner
        .request()
        .request(method, PATH + UUID.randomUUID() + (path == null ? "" : path))
        .then()
        .statusCode(404)
        .body("code", equalTo("submission_not_found"));
  }

  @ParameterizedTest
  @CsvSource({"GET,/source", "PUT,/activate", "POST,/rebuild"})
  void shouldGuardOwnersCommands(String method, String path) {
    UUID id = owner.uploads(knownAgentOf(owner));

    given().request(method, PATH + id + path).then().statusCode(401);
    User.fresh()
        .request()
        .request(method, PATH + id + path)
        .then()
        .statusCode(403)
        .body("code", equalTo("not_owner"));
  }

  @Test
  void shouldSendTheUploadToItsOwnerAsADownload() {
    UUID id = owner.uploads(knownAgentOf(owner));

    byte[] body =
        owner
            .request()
            .get(PATH + id + "/source")
            .then()
            .statusCode(200)
            .header("Content-Disposition", "attachment; filename=\"submission-v1.py\"")
            .header("X-Content-Type-Options", "nosniff")
            .contentType("application/octet-stream")
            .extract()
            .asByteArray();

    assertThat(body).isEqualTo(CODE);
  }

  @Test
  void shouldActivateByTheRuleAndByHand() {
    // Given
    UUID agentId = knownAgentOf(owner);
    UUID first = owner.uploads(agentId);
    UUID second = owner.uploads(agentId);
    publishSuccess(agentId, second, 1);
    awaitStatus(owner, second, "active");
    publishSuccess(agentId, first, 1);
    awaitStatus(owner, first, "inactive");

    // When
    owner
        .activates(first)
        .statusCode(200)
        .body("message", equalTo("Version 1 plays now."))
        .body("submission.isActive", equalTo(true))
        .body("submission.status", equalTo("active"));

    // Then
    owner.reads(second).body("submission.status", equalTo("inactive"));
    owner.activates(first).statusCode(200);
    UUID third = owner.uploads(agentId);
    publishSuccess(agentId, third, 1);
    awaitStatus(owner, third, "active");
    owner.reads(first).body("submission.isActive", equalTo(false));
  }

  @Test
  void shouldNotReplaceWhatTheOwnerChoseAfterTheUpload() {
    // Given
    UUID agentId = knownAgentOf(owner);
    UUID first = owner.uploads(agentId);
    publishSuccess(agentId, first, 1);
    awaitStatus(owner, first, "active");
    UUID second = owner.uploads(agentId);
    owner.activates(first).statusCode(200);

    // When
    publishSuccess(agentId, second, 1);

    // Then
    awaitStatus(owner, second, "inactive");
    owner.reads(first).body("submission.isActive", equalTo(true));
  }

  @Test
  void shouldNotActivateWhatIsNotBuilt() {
    UUID agentId = knownAgentOf(owner);
    UUID id = owner.uploads(agentId);
    owner
        .activates(id)
        .statusCode(409)
        .body("code", equalTo("not_activatable"))
        .body("detail", containsString("still being built"));
    publishFailure(agentId, id, 1);
    awaitStatus(owner, id, "build_failed");

    owner
        .activates(id)
        .statusCode(409)
        .body("code", equalTo("not_activatable"))
        .body("detail", containsString("failed"));
  }

  @Test
  void shouldRebuildAFailedVersionThreeTimes() {
    // Given
    UUID agentId = knownAgentOf(owner);
    UUID id = owner.uploads(agentId);
    owner.rebuilds(id).statusCode(409).body("code", equalTo("not_rebuildable"));

    // When
    for (int attempt = 1; attempt <= 3; attempt++) {
      publishFailure(agentId, id, attempt);
      awaitStatus(owner, id, "build_failed");
      owner
          .rebuilds(id)
          .statusCode(200)
          .body("message", equalTo("Rebuild %d of 3 was requested.".formatted(attempt)))
          .body("submission.status", equalTo("pending"))
          .body("submission.retryCount", equalTo(attempt))
          .body("submission.errorMessage", nullValue());
    }
    publishFailure(agentId, id, 4);
    awaitStatus(owner, id, "build_failed");

    // Then
    owner
        .rebuilds(id)
        .statusCode(409)
        .body("code", equalTo("retry_limit"))
        .body("detail", containsString("upload a new version"));
  }

  @Test
  void shouldCountTheCallersVersionsAndPlayingAgents() {
    // Given
    UUID playing = knownAgentOf(owner);
    UUID id = owner.uploads(playing);
    publishSuccess(playing, id, 1);
    awaitStatus(owner, id, "active");
    owner.uploads(playing);
    owner.uploads(knownAgentOf(owner));

    // When, Then
    owner
        .request()
        .get("/api/v1/users/me/submission-stats")
        .then()
        .statusCode(200)
        .body("totalSubmissions", equalTo(3))
        .body("activeAgents", equalTo(1));
    given().get("/api/v1/users/me/submission-stats").then().statusCode(401);
    given()
        .header("Authorization", "Bearer " + TestTokens.service("submission-service", "x:read"))
        .get("/api/v1/users/me/submission-stats")
        .then()
        .statusCode(403);
  }
}
