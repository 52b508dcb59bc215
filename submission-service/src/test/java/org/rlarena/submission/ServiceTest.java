package org.rlarena.submission;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.restassured.response.ValidatableResponse;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.TestInfra;
import org.rlarena.outbox.SchemaMigration;
import org.rlarena.submission.agents.AgentSnapshot;
import org.rlarena.submission.agents.Agents;
import org.rlarena.submission.sources.Archives;

/** What all tests of the running service share: one start, one database, one broker. */
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "submission_service"))
@WithTestResource(TestKeys.class)
@WithTestResource(Neighbours.class)
@WithTestResource(ObjectFolder.class)
public abstract class ServiceTest {

  protected static final Duration LIMIT = Duration.ofSeconds(60);
  protected static final byte[] CODE = Archives.AGENT.getBytes(StandardCharsets.UTF_8);

  @Inject SchemaMigration schema;

  /** The first test of a run may be faster than the migration. */
  @BeforeEach
  void awaitSchema() throws InterruptedException {
    schema.await();
  }

  @Inject protected Agents agents;

  protected Events events;

  @BeforeEach
  void connect() {
    events = Events.connect();
  }

  @AfterEach
  void disconnect() {
    events.close();
  }

  /** A user that no other test knows. */
  public record User(UUID id, String username) {

    public static User fresh() {
      UUID id = UUID.randomUUID();
      return new User(id, "user-" + id.toString().substring(0, 8));
    }

    public RequestSpecification request() {
      return given().header("Authorization", "Bearer " + TestTokens.user(id, username));
    }

    public ValidatableResponse uploads(UUID agentId, String filename, byte[] content) {
      return request()
          .multiPart("agentId", agentId.toString())
          .multiPart("file", filename, content)
          .post("/api/v1/submissions")
          .then();
    }

    /** Uploads a proper agent and returns the version's id. */
    public UUID uploads(UUID agentId) {
      return UUID.fromString(
          uploads(agentId, "agent.py", CODE).statusCode(201).extract().path("submission.id"));
    }

    public ValidatableResponse reads(UUID submissionId) {
      return request().get("/api/v1/submissions/{id}", submissionId).then();
    }

    public ValidatableResponse activates(UUID submissionId) {
      return request().put("/api/v1/submissions/{id}/activate", submissionId).then();
    }

    public ValidatableResponse rebuilds(UUID submissionId) {
      return request().post("/api/v1/submissions/{id}/rebuild", submissionId).then();
    }
  }

  /** An agent that this service has heard of. */
  protected UUID knownAgentOf(User owner) {
    UUID agentId = UUID.randomUUID();
    agents.learn(new AgentSnapshot(agentId, 1, owner.id(), "Left Hook", "pong"));
    return agentId;
  }

  protected void publishDeleted(UUID agentId, long sequence) {
    String json =
        Contract.exampleNode("agent.deleted.v1")
            .put("agentId", agentId.toString())
            .put("sequence", sequence)
            .toString();
    events.publish("agent.changed", agentId.toString(), "org.rlarena.agent.deleted.v1", json);
  }

  /** build-service reports a step. */
  protected void publishStep(UUID agentId, UUID submissionId, int attempt, String step) {
    String json =
        Contract.exampleNode("build.progressed.v1")
            .put("agentId", agentId.toString())
            .put("submissionId", submissionId.toString())
            .put("attempt", attempt)
            .put("step", step)
            .toString();
    events.publish("build.progress", agentId.toString(), "org.rlarena.build.progressed.v1", json);
  }

  /** build-service reports success. */
  protected void publishSuccess(UUID agentId, UUID submissionId, int attempt) {
    publishBuilt("build-succeeded", agentId, submissionId, attempt);
  }

  /** build-service reports failure. */
  protected void publishFailure(UUID agentId, UUID submissionId, int attempt) {
    publishBuilt("build-failed", agentId, submissionId, attempt);
  }

  /** build-service reports that a new scan blocks what was built. */
  protected void publishScanBlocked(UUID agentId, UUID submissionId, int attempt) {
    publishBuilt("scan-blocked", agentId, submissionId, attempt);
  }

  private void publishBuilt(String fact, UUID agentId, UUID submissionId, int attempt) {
    String json =
        Contract.exampleNode("submission." + fact + ".v1")
            .put("agentId", agentId.toString())
            .put("submissionId", submissionId.toString())
            .put("attempt", attempt)
            .toString();
    events.publish(
        "submission.built", agentId.toString(), "org.rlarena.submission." + fact + ".v1", json);
  }

  protected void awaitStatus(User owner, UUID submissionId, String status) {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(owner.reads(submissionId).extract().<String>path("submission.status"))
                    .isEqualTo(status));
  }
}
