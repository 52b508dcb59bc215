package org.rlarena.build.attempt;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.restassured.response.ValidatableResponse;
import jakarta.inject.Inject;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.build.testing.BuildServiceTest;
import org.rlarena.build.testing.FakeExecutor;
import org.rlarena.build.testing.FakeSubmissionService;
import org.rlarena.build.validation.executor.ValidationResponse;
import org.rlarena.build.validation.executor.Verdict;
import org.rlarena.infra.testing.Events;

/** What the owner of an agent sees of its builds over HTTP. */
@BuildServiceTest
class BuildResourceTest {

  @Inject FakeSubmissionService submissions;
  @Inject FakeExecutor executor;

  @ConfigProperty(name = "arena.build.work-dir")
  String workDir;

  private Events events;
  private Upload upload;

  @BeforeEach
  void connect() {
    executor.reset();
    events = Events.connect();
    upload = new Upload(submissions, events);
  }

  @AfterEach
  void close() {
    events.close();
  }

  @Test
  void shouldShowTheLogToItsOwner() {
    // Given
    executor.next(
        request ->
            ValidationResponse.newBuilder().setValid(true).setLogTail("hello from act\n").build());
    ObjectNode created = built("class Agent: pass\n");

    // When, Then
    asOwner(created, "build-logs")
        .statusCode(200)
        .body("submissionId", equalTo(created.get("submissionId").asText()))
        .body("status", equalTo("success"))
        .body("attempt", equalTo(1))
        .body("updatedAt", containsString("Z"))
        .body("buildLog", containsString("Build of version 3, attempt 1"))
        .body("buildLog", containsString("hello from act"))
        .body("buildLog", containsString("Succeeded."))
        .body("buildLog", not(containsString(workDir)));
  }

  @Test
  void shouldLetAFollowerGoOnWhereItStopped() {
    // Given
    ObjectNode created = built("class Agent: pass\n");
    String whole = asOwner(created, "build-logs").extract().path("buildLog");
    int end = asOwner(created, "build-logs").extract().path("nextOffset");

    // When, Then
    assertThat(end).isEqualTo(whole.length());
    asOwner(created, "build-logs?offset=10")
        .body("buildLog", equalTo(whole.substring(10)))
        .body("nextOffset", equalTo(end));
    asOwner(created, "build-logs?offset=" + end)
        .statusCode(200)
        .body("buildLog", equalTo(""))
        .body("nextOffset", equalTo(end));
  }

  @Test
  void shouldKeepTheLogOfEarlierAttempts() {
    // Given
    executor.next(
        request ->
            ValidationResponse.newBuilder()
                .setVerdict(Verdict.EXCEPTION)
                .addErrors("The agent raised ZeroDivisionError in its first move.")
                .setLogTail("Traceback\n")
                .build());
    ObjectNode created = built("class Agent: pass\n");
    ObjectNode rebuild = created.deepCopy().put("attempt", 2);
    upload.publish(UUID.randomUUID().toString(), Upload.REBUILD_REQUESTED, rebuild);
    events.await(
        "submission.built",
        event ->
            event.data().get("submissionId").equals(created.get("submissionId"))
                && event.data().get("attempt").asInt() == 2);

    // When, Then
    asOwner(created, "build-logs")
        .body("attempt", equalTo(2))
        .body("status", equalTo("success"))
        .body("buildLog", containsString("attempt 1"))
        .body("buildLog", containsString("Traceback"))
        .body("buildLog", containsString("attempt 2"));
  }

  @Test
  void shouldShowTheScanToItsOwner() {
    // Given
    ObjectNode created = built("class Agent: pass\n");

    // When, Then
    asOwner(created, "scan")
        .statusCode(200)
        .body("submissionId", equalTo(created.get("submissionId").asText()))
        .body("status", equalTo("unavailable"))
        .body("attempt", equalTo(1))
        .body("scannedAt", containsString("Z"));
  }

  @Test
  void shouldTellThatThereIsNoScanOfABuildThatFailedBefore() {
    // Given
    ObjectNode created = built("def broken(:\n");

    // When, Then
    asOwner(created, "scan").body("status", equalTo("pending")).body("scannedAt", nullValue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"build-logs", "scan"})
  void shouldRefuseOthers(String path) {
    // Given
    ObjectNode created = built("class Agent: pass\n");
    String token = TestTokens.user(UUID.randomUUID(), "mallory");

    // When, Then
    get(created.get("submissionId").asText(), path, token)
        .statusCode(403)
        .contentType("application/problem+json")
        .body("code", equalTo("not_owner"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"build-logs", "scan"})
  void shouldRefuseCallersWithoutAValidToken(String path) {
    // Given
    UUID user = UUID.randomUUID();
    String id = UUID.randomUUID().toString();

    // When, Then
    given().get("/api/v1/submissions/" + id + "/" + path).then().statusCode(401);
    for (String token : TestTokens.refusedOf(user, "mallory")) {
      get(id, path, token).statusCode(401);
    }
    get(id, path, TestTokens.service("build-service", "source:read")).statusCode(403);
  }

  @Test
  void shouldSayThatNothingIsKnownYet() {
    // Given
    String token = TestTokens.user(UUID.randomUUID(), "ada");

    // When, Then
    get(UUID.randomUUID().toString(), "build-logs", token)
        .statusCode(404)
        .body("title", equalTo("Build logs not available"))
        .body("code", equalTo("build_log_not_found"))
        .body("detail", containsString("ask again"));
    get(UUID.randomUUID().toString(), "scan", token)
        .statusCode(404)
        .body("code", equalTo("scan_not_found"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "x", "1.5", "99999999999999999999", "%00"})
  void shouldRefuseAnOffsetThatIsNone(String offset) {
    // Given
    ObjectNode created = built("class Agent: pass\n");

    // When, Then
    given()
        .urlEncodingEnabled(false)
        .auth()
        .oauth2(ownerToken(created))
        .get(
            "/api/v1/submissions/"
                + created.get("submissionId").asText()
                + "/build-logs?offset="
                + offset)
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_request"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "1", "%00", "null"})
  void shouldNotFindAnIdThatIsNone(String id) {
    given()
        .urlEncodingEnabled(false)
        .auth()
        .oauth2(TestTokens.user(UUID.randomUUID(), "ada"))
        .get("/api/v1/submissions/" + id + "/build-logs")
        .then()
        .statusCode(404);
  }

  @Test
  void shouldBeReadyAndDescribeItself() {
    given().get("/q/health/ready").then().statusCode(200).body(containsString("sandbox"));
    given().get("/q/health/live").then().statusCode(200);
    given().get("/q/openapi").then().statusCode(200).body(containsString("build-logs"));
    given().get("/q/metrics").then().statusCode(200).body(containsString("arena_outbox_unsent"));
  }

  private ObjectNode built(String code) {
    ObjectNode created = upload.ofPython(code);
    upload.publishCreated(created);
    upload.awaitBuilt(created);
    return created;
  }

  private static ValidatableResponse asOwner(ObjectNode created, String path) {
    return get(created.get("submissionId").asText(), path, ownerToken(created));
  }

  private static ValidatableResponse get(String id, String path, String token) {
    return given().auth().oauth2(token).get("/api/v1/submissions/" + id + "/" + path).then();
  }

  private static String ownerToken(ObjectNode created) {
    return TestTokens.user(UUID.fromString(created.get("ownerId").asText()), "ada");
  }
}
