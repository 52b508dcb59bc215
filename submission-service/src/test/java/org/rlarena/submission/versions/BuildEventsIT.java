package org.rlarena.submission.versions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.ReceivedEvent;
import org.rlarena.submission.ServiceTest;
import org.rlarena.submission.agents.AgentSnapshot;
import org.rlarena.submission.sources.SourceKind;
import org.rlarena.submission.sources.StoredSource;

/** {@code build.progress} and {@code submission.built} through a real broker. */
@QuarkusTest
class BuildEventsIT extends ServiceTest {

  private static final String SERVICE = "submission-service";

  @Inject Submissions submissions;

  private final User owner = User.fresh();
  private UUID agentId;
  private UUID id;

  @BeforeEach
  void upload() {
    agentId = knownAgentOf(owner);
    id = owner.uploads(agentId);
  }

  @Test
  void shouldFollowABuildToPlay() {
    for (String step : new String[] {"building", "validating", "scanning"}) {
      publishStep(agentId, id, 1, step);
      awaitStatus(owner, id, step);
    }

    publishSuccess(agentId, id, 1);

    awaitStatus(owner, id, "active");
  }

  @Test
  void shouldKeepTheReasonOfAFailure() {
    publishFailure(agentId, id, 1);

    awaitStatus(owner, id, "build_failed");
    owner
        .reads(id)
        .body(
            "submission.errorMessage",
            equalTo("agent.py, line 3: invalid syntax. Mend it and upload again."));
  }

  @Test
  void shouldTakeAVersionThatANewScanBlocksOutOfThePlay() {
    publishSuccess(agentId, id, 1);
    awaitStatus(owner, id, "active");

    publishScanBlocked(agentId, id, 1);

    awaitStatus(owner, id, "build_failed");
    owner.reads(id).body("submission.errorMessage", startsWith("The security scan found"));
    ReceivedEvent deactivated =
        events.await(
            "submission.activated",
            event ->
                event.key().equals(agentId.toString())
                    && event.type().equals("org.rlarena.submission.deactivated.v1"));
    Contract.assertMatches(deactivated);
    assertThat(deactivated.data().get("reason").asText()).isEqualTo("blocked_by_scan");
    assertThat(deactivated.data().get("sequence").asLong()).isEqualTo(2);
    owner.activates(id).statusCode(409);
    owner.rebuilds(id).statusCode(200);
  }

  @Test
  void shouldBlockAVersionThatPlaysNoLongerAndLeaveTheOneThatDoes() {
    publishSuccess(agentId, id, 1);
    awaitStatus(owner, id, "active");
    UUID next = owner.uploads(agentId);
    publishSuccess(agentId, next, 1);
    awaitStatus(owner, next, "active");

    publishScanBlocked(agentId, id, 1);

    awaitStatus(owner, id, "build_failed");
    owner.reads(next).body("submission.status", equalTo("active"));
    owner.activates(id).statusCode(409);
  }

  @Test
  void shouldIgnoreABlockOfAnEarlierAttempt() {
    publishFailure(agentId, id, 1);
    awaitStatus(owner, id, "build_failed");
    owner.rebuilds(id).statusCode(200);
    publishSuccess(agentId, id, 2);
    awaitStatus(owner, id, "active");

    publishScanBlocked(agentId, id, 1);

    afterEverythingOn("submission.built");
    owner.reads(id).body("submission.status", equalTo("active"));
  }

  @Test
  void shouldNotMoveBackOnLateSteps() {
    publishStep(agentId, id, 1, "scanning");
    awaitStatus(owner, id, "scanning");

    publishStep(agentId, id, 1, "building");

    afterEverythingOn("build.progress");
    owner.reads(id).body("submission.status", equalTo("scanning"));
  }

  @Test
  void shouldNotReopenWhatHasEnded() {
    publishSuccess(agentId, id, 1);
    awaitStatus(owner, id, "active");

    publishStep(agentId, id, 1, "scanning");
    publishFailure(agentId, id, 1);

    afterEverythingOn("build.progress");
    afterEverythingOn("submission.built");
    owner.reads(id).body("submission.status", equalTo("active"));
  }

  @Test
  void shouldIgnoreAnEarlierAttempt() {
    publishFailure(agentId, id, 1);
    awaitStatus(owner, id, "build_failed");
    owner.rebuilds(id).statusCode(200);

    publishStep(agentId, id, 1, "scanning");
    publishSuccess(agentId, id, 1);

    afterEverythingOn("build.progress");
    afterEverythingOn("submission.built");
    owner.reads(id).body("submission.status", equalTo("pending"));
    publishSuccess(agentId, id, 2);
    awaitStatus(owner, id, "active");
  }

  @Test
  void shouldTakeARepeatedSuccessOnce() {
    // Given
    String json =
        Contract.exampleNode("submission.build-succeeded.v1")
            .put("agentId", agentId.toString())
            .put("submissionId", id.toString())
            .toString();
    String type = "org.rlarena.submission.build-succeeded.v1";
    String event = events.publish("submission.built", agentId.toString(), type, json);
    awaitStatus(owner, id, "active");

    // When: the same record, and the same fact under another id
    events.publish(event, "submission.built", agentId.toString(), type, json);
    events.publish("submission.built", agentId.toString(), type, json);

    // Then
    afterEverythingOn("submission.built");
    assertThat(
            events.on("submission.activated").stream()
                .filter(e -> e.key().equals(agentId.toString())))
        .hasSize(1);
  }

  @Test
  void shouldCarryTheTraceOfABuildToTheActivation() {
    // Given
    String traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    String json =
        Contract.exampleNode("submission.build-succeeded.v1")
            .put("agentId", agentId.toString())
            .put("submissionId", id.toString())
            .toString();

    // When
    events.publishTraced(
        traceparent,
        "submission.built",
        agentId.toString(),
        "org.rlarena.submission.build-succeeded.v1",
        json);

    // Then
    assertThat(
            events.await("submission.activated", e -> e.key().equals(agentId.toString())).headers())
        .containsEntry("traceparent", traceparent);
  }

  @Test
  void shouldIgnoreBuildsOfUnknownVersions() {
    publishSuccess(agentId, UUID.randomUUID(), 1);
    publishSuccess(UUID.randomUUID(), id, 1);
    publishStep(UUID.randomUUID(), UUID.randomUUID(), 1, "building");

    publishSuccess(agentId, id, 1);

    awaitStatus(owner, id, "active");
  }

  @Test
  void shouldIgnoreAStepOfALaterWriter() {
    publishStep(agentId, id, 1, "polishing");

    publishStep(agentId, id, 1, "validating");

    awaitStatus(owner, id, "validating");
    assertThat(deadLetters("build.progress")).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"build.progress", "submission.built"})
  void shouldPutAsideWhatItCannotDecode(String topic) {
    events.publishRaw(
        topic, agentId.toString(), "no event".getBytes(StandardCharsets.UTF_8), Map.of());
    for (String type :
        new String[] {
          "org.rlarena.build.progressed.v1",
          "org.rlarena.submission.build-succeeded.v1",
          "org.rlarena.submission.build-failed.v1"
        }) {
      events.publish(topic, agentId.toString(), type, "{\"attempt\":1}");
    }

    await().atMost(LIMIT).untilAsserted(() -> assertThat(deadLetters(topic)).isEqualTo(4));
    publishSuccess(agentId, id, 1);
    awaitStatus(owner, id, "active");
  }

  @ParameterizedTest
  @CsvSource({
    "build.progress,build.progressed.v1,VALIDATING",
    "submission.built,submission.build-succeeded.v1,ACTIVE",
    "submission.built,submission.build-failed.v1,BUILD_FAILED"
  })
  void shouldAcceptThePublishedExamples(String topic, String type, SubmissionState expected) {
    // Given the version that the examples speak of, in a state of its own
    var example = Contract.exampleNode(type);
    UUID exampleAgent = UUID.fromString(example.get("agentId").asText());
    UUID exampleId = UUID.fromString(example.get("submissionId").asText());
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              // other examples may have left it in play, or deleted
              submissions.deleteById(exampleId);
              agents.deleteById(exampleAgent);
              agents.learn(new AgentSnapshot(exampleAgent, 1, owner.id(), "Left Hook", "pong"));
              int version = agents.lock(exampleAgent).orElseThrow().nextVersion();
              submissions.persist(
                  new Submission(
                      exampleId,
                      exampleAgent,
                      "pong",
                      version,
                      new StoredSource(SourceKind.PY, "ab".repeat(32), 10, "agent.py"),
                      SubmissionFixture.UPLOADED));
            });

    // When
    events.publish(topic, exampleAgent.toString(), "org.rlarena." + type, Contract.example(type));

    // Then
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(
                        QuarkusTransaction.requiringNew()
                            .call(() -> submissions.findById(exampleId).state()))
                    .isEqualTo(expected));
  }

  /** Records of one key are read in order: once a broken one is put aside, all before are done. */
  private void afterEverythingOn(String topic) {
    long before = deadLetters(topic);
    events.publish(topic, agentId.toString(), "org.rlarena.build.progressed.v1", "{mark");
    await().atMost(LIMIT).untilAsserted(() -> assertThat(deadLetters(topic)).isEqualTo(before + 1));
  }

  private long deadLetters(String topic) {
    return events.deadLetters(topic, SERVICE).stream()
        .filter(letter -> agentId.toString().equals(letter.key()))
        .count();
  }
}
