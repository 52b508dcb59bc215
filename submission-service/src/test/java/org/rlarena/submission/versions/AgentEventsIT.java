package org.rlarena.submission.versions;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.ReceivedEvent;
import org.rlarena.submission.ServiceTest;
import org.rlarena.submission.agents.Agent;

/** {@code agent.changed} through a real broker. */
@QuarkusTest
class AgentEventsIT extends ServiceTest {

  private static final String TOPIC = "agent.changed";
  private static final String CHANGED = "org.rlarena.agent.changed.v1";
  private static final String SERVICE = "submission-service";

  @Inject Submissions submissions;

  private final User owner = User.fresh();
  private final UUID agentId = UUID.randomUUID();

  @Test
  void shouldAcceptUploadsForAnAgentItHeardOf() {
    publishChanged(1, "Left Hook");
    awaitName("Left Hook");

    owner.uploads(agentId, "agent.py", CODE).statusCode(201);
  }

  @Test
  void shouldAcceptThePublishedExamples() {
    // Given
    UUID example =
        UUID.fromString(Contract.exampleNode("agent.changed.v1").get("agentId").asText());

    // When
    events.publish(TOPIC, example.toString(), CHANGED, Contract.example("agent.changed.v1"));
    await().atMost(LIMIT).until(() -> agent(example) != null);
    events.publish(
        TOPIC,
        example.toString(),
        "org.rlarena.agent.deleted.v1",
        Contract.example("agent.deleted.v1"));

    // Then
    await().atMost(LIMIT).until(() -> agent(example).isDeleted());
    assertThat(deadLettersOf(example)).isZero();
  }

  @Test
  void shouldTakeARepeatedEventOnce() {
    // Given
    String event = publishChanged(1, "First");
    publishChanged(2, "Second");
    awaitName("Second");

    // When
    events.publish(event, TOPIC, agentId.toString(), CHANGED, changed(1, "First"));
    publishChanged(3, "Third");

    // Then
    awaitName("Third");
    assertThat(deadLettersOf(agentId)).isZero();
  }

  @Test
  void shouldIgnoreALateChange() {
    publishChanged(5, "Newest");
    awaitName("Newest");

    publishChanged(4, "Late");

    afterEverythingBefore();
    assertThat(agent(agentId).name()).isEqualTo("Newest");
  }

  @Test
  void shouldKeepATombstoneWhateverComesLater() {
    publishDeleted(agentId, 2);
    await().atMost(LIMIT).until(() -> agent(agentId) != null);

    publishChanged(9, "Back again");

    afterEverythingBefore();
    assertThat(agent(agentId).isDeleted()).isTrue();
    assertThat(agent(agentId).name()).isNull();
  }

  @Test
  void shouldRetireTheVersionsOfADeletedAgent() {
    // Given
    publishChanged(1, "Left Hook");
    awaitName("Left Hook");
    UUID playing = owner.uploads(agentId);
    publishSuccess(agentId, playing, 1);
    awaitStatus(owner, playing, "active");
    UUID building = owner.uploads(agentId);

    // When
    publishDeleted(agentId, 2);

    // Then
    ReceivedEvent event =
        events.await(
            "submission.activated",
            e ->
                e.type().equals("org.rlarena.submission.deactivated.v1")
                    && e.key().equals(agentId.toString()));
    Contract.assertMatches(event);
    assertThat(event.data().get("sequence").asInt()).isEqualTo(2);
    assertThat(event.data().get("submissionId").asText()).isEqualTo(playing.toString());
    assertThat(event.data().get("reason").asText()).isEqualTo("agent_deleted");
    assertGone(playing);
    assertGone(building);
    given()
        .get("/api/v1/submissions/agent/{id}", agentId)
        .then()
        .statusCode(200)
        .body("submissions", empty())
        .body("total", equalTo(0));
    owner
        .request()
        .get("/api/v1/users/me/submission-stats")
        .then()
        .body("totalSubmissions", equalTo(0))
        .body("activeAgents", equalTo(0));
  }

  @Test
  void shouldEndVersionsThatWereInBuildAtTheDeletionWithoutPlayingThem() {
    // Given
    publishChanged(1, "Left Hook");
    awaitName("Left Hook");
    UUID passing = owner.uploads(agentId);
    UUID failing = owner.uploads(agentId);
    publishDeleted(agentId, 2);
    await().atMost(LIMIT).untilAsserted(() -> owner.reads(passing).statusCode(404));

    // When
    publishSuccess(agentId, passing, 1);
    publishFailure(agentId, failing, 1);

    // Then
    await().atMost(LIMIT).until(() -> state(failing) == SubmissionState.BUILD_FAILED);
    assertThat(state(passing)).isEqualTo(SubmissionState.INACTIVE);
    assertThat(activations()).isZero();
    assertGone(passing);
    assertGone(failing);
  }

  @Test
  void shouldRepeatADeletionWithoutEffect() {
    // Given
    publishChanged(1, "Left Hook");
    awaitName("Left Hook");
    UUID playing = owner.uploads(agentId);
    publishSuccess(agentId, playing, 1);
    awaitStatus(owner, playing, "active");
    publishDeleted(agentId, 2);
    await().atMost(LIMIT).untilAsserted(() -> assertThat(activations()).isEqualTo(2));

    // When
    publishDeleted(agentId, 2);

    // Then
    afterEverythingBefore();
    assertThat(activations()).isEqualTo(2);
  }

  @Test
  void shouldPutAsideWhatItCannotDecode() {
    // When
    events.publishRaw(
        TOPIC, agentId.toString(), "no event".getBytes(StandardCharsets.UTF_8), Map.of());
    events.publish(TOPIC, agentId.toString(), CHANGED, "{\"agentId\":\"" + agentId + "\"}");
    events.publish(TOPIC, agentId.toString(), CHANGED, "{broken");

    // Then
    await().atMost(LIMIT).untilAsserted(() -> assertThat(deadLettersOf(agentId)).isEqualTo(3));
    publishChanged(1, "Still reading");
    awaitName("Still reading");
  }

  @Test
  void shouldIgnoreTypesOfALaterWriter() {
    events.publish(TOPIC, agentId.toString(), "org.rlarena.agent.renamed.v7", "{}");

    publishChanged(1, "Still reading");

    awaitName("Still reading");
    assertThat(deadLettersOf(agentId)).isZero();
  }

  private SubmissionState state(UUID submissionId) {
    return QuarkusTransaction.requiringNew().call(() -> submissions.findById(submissionId).state());
  }

  private String publishChanged(long sequence, String name) {
    return events.publish(TOPIC, agentId.toString(), CHANGED, changed(sequence, name));
  }

  private String changed(long sequence, String name) {
    ObjectNode event = Contract.exampleNode("agent.changed.v1");
    return event
        .put("agentId", agentId.toString())
        .put("ownerId", owner.id().toString())
        .put("name", name)
        .put("sequence", sequence)
        .put("aFieldOfALaterWriter", true)
        .toString();
  }

  private void awaitName(String name) {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(agent(agentId))
                    .isNotNull()
                    .satisfies(agent -> assertThat(agent.name()).isEqualTo(name)));
  }

  /** Records of one key are read in order: once a broken one is put aside, all before are done. */
  private void afterEverythingBefore() {
    long before = deadLettersOf(agentId);
    events.publish(TOPIC, agentId.toString(), CHANGED, "{mark");
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(deadLettersOf(agentId)).isEqualTo(before + 1));
  }

  private long activations() {
    return events.on("submission.activated").stream()
        .filter(event -> event.key().equals(agentId.toString()))
        .count();
  }

  private long deadLettersOf(UUID key) {
    return events.deadLetters(TOPIC, SERVICE).stream()
        .filter(letter -> key.toString().equals(letter.key()))
        .count();
  }

  private Agent agent(UUID id) {
    return QuarkusTransaction.requiringNew().call(() -> agents.findById(id));
  }

  private void assertGone(UUID submissionId) {
    owner.reads(submissionId).statusCode(404);
    given().get("/api/v1/submissions/{id}/build-status", submissionId).then().statusCode(404);
    owner.activates(submissionId).statusCode(404);
    owner.rebuilds(submissionId).statusCode(404);
    given()
        .header("Authorization", "Bearer " + TestTokens.service(SERVICE, "source:read"))
        .get("/internal/submissions/{id}/source", submissionId)
        .then()
        .statusCode(404);
  }
}
