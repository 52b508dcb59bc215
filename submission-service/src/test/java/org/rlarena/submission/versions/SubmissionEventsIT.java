package org.rlarena.submission.versions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.ReceivedEvent;
import org.rlarena.submission.ServiceTest;
import org.rlarena.submission.sources.Archives;

/** What this service writes, read back from a real broker. */
@QuarkusTest
class SubmissionEventsIT extends ServiceTest {

  private static final String SHA256_OF_CODE = sha256(CODE);

  private final User owner = User.fresh();

  @Test
  void shouldPublishAnUpload() {
    // Given
    UUID agentId = knownAgentOf(owner);

    // When
    UUID id = owner.uploads(agentId);

    // Then
    ReceivedEvent event = events.await("submission.created", e -> isAbout(e, id));
    Contract.assertMatches(event);
    assertThat(event.type()).isEqualTo("org.rlarena.submission.created.v1");
    assertThat(event.key()).isEqualTo(agentId.toString());
    assertThat(event.headers()).containsEntry("ce_source", "/submission-service");
    JsonNode data = event.data();
    assertThat(data.get("ownerId").asText()).isEqualTo(owner.id().toString());
    assertThat(data.get("environmentId").asText()).isEqualTo("pong");
    assertThat(data.get("version").asInt()).isEqualTo(1);
    assertThat(data.get("attempt").asInt()).isEqualTo(1);
    assertThat(data.get("sequence").asInt()).isEqualTo(1);
    assertThat(data.at("/source/kind").asText()).isEqualTo("py");
    assertThat(data.at("/source/filename").asText()).isEqualTo("agent.py");
    assertThat(data.at("/source/bytes").asInt()).isEqualTo(CODE.length);
    assertThat(data.at("/source/sha256").asText()).isEqualTo(SHA256_OF_CODE);
    assertThat(data.toString()).doesNotContain(new String(CODE, StandardCharsets.UTF_8));
  }

  @Test
  void shouldPublishNothingForARefusedUpload() {
    // Given
    UUID agentId = knownAgentOf(owner);

    // When
    owner.uploads(agentId, "agent.txt", CODE).statusCode(400);
    owner
        .uploads(agentId, "a.zip", Archives.withAgent().file("../x", "x").toBytes())
        .statusCode(400);

    // Then: the next upload's event is the agent's first
    UUID id = owner.uploads(agentId);
    events.await("submission.created", e -> isAbout(e, id));
    assertThat(of("submission.created", agentId)).hasSize(1);
  }

  @Test
  void shouldPublishARebuild() {
    // Given
    UUID agentId = knownAgentOf(owner);
    UUID id = owner.uploads(agentId);
    publishFailure(agentId, id, 1);
    awaitStatus(owner, id, "build_failed");

    // When
    owner.rebuilds(id).statusCode(200);

    // Then
    ReceivedEvent event =
        events.await(
            "submission.created",
            e -> isAbout(e, id) && e.type().equals("org.rlarena.submission.rebuild-requested.v1"));
    Contract.assertMatches(event);
    assertThat(event.data().get("attempt").asInt()).isEqualTo(2);
    assertThat(event.data().get("sequence").asInt()).isEqualTo(2);
    assertThat(event.data().at("/source/sha256").asText()).isEqualTo(SHA256_OF_CODE);
  }

  @Test
  void shouldPublishEachActivationUnderANewSequence() {
    // Given
    UUID agentId = knownAgentOf(owner);
    UUID id = owner.uploads(agentId);
    publishSuccess(agentId, id, 1);
    awaitStatus(owner, id, "active");

    // When
    owner.activates(id).statusCode(200);

    // Then
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(of("submission.activated", agentId)).hasSize(2));
    List<ReceivedEvent> published = of("submission.activated", agentId);
    assertThat(published).extracting(e -> e.data().get("sequence").asInt()).containsExactly(1, 2);
    for (ReceivedEvent event : published) {
      Contract.assertMatches(event);
      assertThat(event.type()).isEqualTo("org.rlarena.submission.activated.v1");
      assertThat(event.subject()).isEqualTo(agentId.toString());
      JsonNode data = event.data();
      assertThat(data.get("submissionId").asText()).isEqualTo(id.toString());
      assertThat(data.get("agentName").asText()).isEqualTo("Left Hook");
      assertThat(data.get("ownerId").asText()).isEqualTo(owner.id().toString());
      assertThat(data.get("version").asInt()).isEqualTo(1);
      assertThat(data.get("imageDigest").isNull()).isTrue();
      assertThat(data.get("bundle"))
          .isEqualTo(Contract.exampleNode("submission.build-succeeded.v1").get("bundle"));
    }
  }

  @Test
  void shouldPublishNoActivationForAVersionThatStaysInactive() {
    // Given
    UUID agentId = knownAgentOf(owner);
    UUID older = owner.uploads(agentId);
    UUID newer = owner.uploads(agentId);
    publishSuccess(agentId, newer, 1);
    awaitStatus(owner, newer, "active");

    // When
    publishSuccess(agentId, older, 1);
    awaitStatus(owner, older, "inactive");

    // Then: the next activation directly follows the first
    owner.activates(newer).statusCode(200);
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> assertThat(of("submission.activated", agentId)).hasSize(2));
    assertThat(of("submission.activated", agentId))
        .extracting(e -> e.data().get("submissionId").asText())
        .containsOnly(newer.toString());
  }

  private List<ReceivedEvent> of(String topic, UUID agentId) {
    return events.on(topic).stream().filter(e -> e.key().equals(agentId.toString())).toList();
  }

  private static boolean isAbout(ReceivedEvent event, UUID submissionId) {
    return event.data().path("submissionId").asText().equals(submissionId.toString());
  }

  private static String sha256(byte[] bytes) {
    try {
      return java.util.HexFormat.of()
          .formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
