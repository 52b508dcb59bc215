package org.rlarena.match.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.rlarena.infra.testing.Contract;
import org.rlarena.match.testing.ServiceTest;

/** Readers of environments and active versions against a real broker. */
@QuarkusTest
class DirectoryEventsIT extends ServiceTest {

  private static final String ACTIVATED = "org.rlarena.submission.activated.v1";
  private static final String DEACTIVATED = "org.rlarena.submission.deactivated.v1";
  private static final String CHANGED = "org.rlarena.environment.changed.v1";

  @Test
  void shouldKnowActiveVersionOfPublishedExample() {
    // Given
    UUID agentId = UUID.randomUUID();
    // When
    publish(activated(agentId, 3, 3), ACTIVATED);
    // Then
    awaitVersion(agentId, 3);
    ActiveVersion known = read(() -> versions.findById(agentId));
    assertThat(known.bundle().bytes()).isEqualTo(20480);
    assertThat(known.bundle().platform()).isEqualTo("linux_x86_64");
    assertThat(known.imageDigest()).isEmpty();
  }

  @Test
  void shouldIgnoreRepeatedAndLateActivations() {
    // Given
    UUID agentId = UUID.randomUUID();
    publish(activated(agentId, 5, 5), ACTIVATED);
    awaitVersion(agentId, 5);
    // When
    publish(activated(agentId, 5, 55), ACTIVATED);
    publish(activated(agentId, 4, 4), ACTIVATED);
    publish(deactivated(agentId, 4), DEACTIVATED);
    publish(activated(agentId, 6, 6), ACTIVATED);
    // Then
    awaitVersion(agentId, 6);
  }

  @Test
  void shouldForgetDeactivatedVersionInEitherOrder() {
    // Given
    UUID agentId = UUID.randomUUID();
    UUID other = UUID.randomUUID();
    // When
    publish(activated(agentId, 3, 3), ACTIVATED);
    publish(deactivated(agentId, 4), DEACTIVATED);
    publish(deactivated(other, 4), DEACTIVATED);
    publish(activated(other, 3, 3), ACTIVATED);
    // Then
    for (UUID id : new UUID[] {agentId, other}) {
      await()
          .atMost(LIMIT)
          .until(
              () -> {
                ActiveVersion known = read(() -> versions.findById(id));
                return known != null && !known.isActive();
              });
    }
  }

  @Test
  void shouldPutActivationThatCannotBeReadAside() {
    UUID agentId = UUID.randomUUID();
    ObjectNode noBundle = activated(agentId, 1, 1);
    noBundle.remove("bundle");
    publish(noBundle, ACTIVATED);
    awaitDeadLetter("submission.activated", agentId.toString());
  }

  @Test
  void shouldKnowEnvironmentAndIgnoreLateStates() {
    // Given
    String id = "env-" + UUID.randomUUID().toString().substring(0, 8);
    publishEnvironment(id, 4, true);
    awaitPlayable(id, true);
    // When
    publishEnvironment(id, 3, false);
    publishEnvironment(id, 4, false);
    publishEnvironment(id, 6, true);
    publishEnvironment(id, 5, false);
    publishEnvironment(id, 7, false);
    // Then
    awaitPlayable(id, false);
    assertThat(
            count(
                "select count(*) from environment_entry where environment_id = '%s' and sequence = 7"
                    .formatted(id)))
        .isEqualTo(1);
  }

  @Test
  void shouldPutEnvironmentThatCannotBeReadAside() {
    String key = UUID.randomUUID().toString();
    events.publish("environment.changed", key, CHANGED, "[]");
    awaitDeadLetter("environment.changed", key);
  }

  private void publish(ObjectNode event, String type) {
    events.publish("submission.activated", event.get("agentId").asText(), type, event.toString());
  }

  private static ObjectNode activated(UUID agentId, long sequence, int version) {
    return Contract.exampleNode("submission.activated.v1")
        .put("agentId", agentId.toString())
        .put("sequence", sequence)
        .put("version", version);
  }

  private static ObjectNode deactivated(UUID agentId, long sequence) {
    return Contract.exampleNode("submission.deactivated.v1")
        .put("agentId", agentId.toString())
        .put("sequence", sequence);
  }

  private void publishEnvironment(String id, long sequence, boolean offered) {
    events.publish(
        "environment.changed",
        id,
        CHANGED,
        Contract.exampleNode("environment.changed.v1")
            .put("environmentId", id)
            .put("sequence", sequence)
            .put("offered", offered)
            .toString());
  }

  private void awaitVersion(UUID agentId, int version) {
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              ActiveVersion known = read(() -> versions.findById(agentId));
              return known != null && known.isActive() && known.version() == version;
            });
  }

  private void awaitPlayable(String id, boolean playable) {
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              EnvironmentEntry known = read(() -> environments.findById(id));
              return known != null && known.isPlayableBy(2) == playable;
            });
  }

  private void awaitDeadLetter(String topic, String key) {
    await()
        .atMost(LIMIT)
        .until(
            () ->
                events.deadLetters(topic, "match-service").stream()
                    .anyMatch(e -> key.equals(e.key())));
  }

  private static <T> T read(Supplier<T> query) {
    return QuarkusTransaction.requiringNew().call(query::get);
  }
}
