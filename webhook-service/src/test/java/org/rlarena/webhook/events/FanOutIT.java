package org.rlarena.webhook.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;
import org.rlarena.webhook.Database;
import org.rlarena.webhook.Receiver;
import org.rlarena.webhook.ServiceTest;

/** From the topics to the receivers. */
@QuarkusTest
class FanOutIT extends ServiceTest {

  @Inject Database database;

  private final Events events = Events.connect();
  private final User ada = User.fresh();
  private final User bob = User.fresh();
  private final Receiver receiver = new Receiver();

  @AfterEach
  void close() {
    receiver.close();
    events.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"match.finished.v1", "match.failed.v1", "match.cancelled.v1"})
  void shouldTellTheOwnersOfAMatchAndNobodyElse(String type) {
    // Given
    Hook adas = ada.registers(receiver.url(), "match.finished");
    Hook bobs = bob.registers(receiver.url(), "rating.changed", "match.finished");
    Hook other = ada.registers(receiver.url(), "rating.changed");
    Hook stranger = User.fresh().registers(receiver.url(), "match.finished");
    ObjectNode match = match(type);

    // When
    String id = publish("match.finished", type, match);
    awaitCalls(2);
    events.publish(id, "match.finished", "key", "org.rlarena." + type, match.toString());
    ObjectNode next = match(type);
    publish("match.finished", type, next);

    // Then
    awaitCalls(4);
    assertThat(receiver.calls())
        .filteredOn(call -> data(call).path("matchId").equals(match.get("matchId")))
        .hasSize(2)
        .allSatisfy(
            call -> {
              assertThat(call.json().path("type").asText()).isEqualTo(type);
              assertThat(data(call)).isEqualTo(match);
              assertThat(call.json().path("timestamp").asText()).endsWith("Z");
            })
        .anyMatch(call -> call.isSignedWith(adas.secret()))
        .anyMatch(call -> call.isSignedWith(bobs.secret()));
    assertThat(List.of(adas.deliveries(), bobs.deliveries())).containsOnly(2);
    assertThat(List.of(other.deliveries(), stranger.deliveries())).containsOnly(0);
  }

  @Test
  void shouldTellOwnersWhatTheirRatingsBecame() {
    // Given
    Hook hook = ada.registers(receiver.url(), "rating.changed");
    ObjectNode rated = Contract.exampleNode("rating.changed.v1");
    ((ObjectNode) rated.at("/changes/1")).put("ownerId", ada.id().toString());

    // When
    publish("rating.changed", "rating.changed.v1", rated);

    // Then
    awaitCalls(1);
    assertThat(data(receiver.calls().getFirst())).isEqualTo(rated);
    assertThat(receiver.calls().getFirst().isSignedWith(hook.secret())).isTrue();
  }

  @Test
  void shouldTellOfABuildWhoeverComesFirst() {
    // Given
    Hook hook = ada.registers(receiver.url(), "submission.built");
    UUID early = UUID.randomUUID();
    UUID known = UUID.randomUUID();

    // When: a build before its agent, and one after
    String first =
        publish("submission.built", "submission.build-failed.v1", built("failed", early));
    awaitHandled("submission.built");
    publish("agent.changed", "agent.changed.v1", agent(known, 1));
    awaitHandled("agent.changed");
    publish("submission.built", "submission.build-succeeded.v1", built("succeeded", known));
    awaitCalls(1);
    publish("agent.changed", "agent.changed.v1", agent(early, 3));
    publish("agent.changed", "agent.changed.v1", agent(early, 4));

    // Then
    awaitCalls(2);
    assertThat(receiver.calls())
        .extracting(call -> data(call).path("agentId").asText())
        .containsExactly(known.toString(), early.toString());
    assertThat(receiver.calls().getLast().json().path("type").asText())
        .isEqualTo("submission.build-failed.v1");
    events.publish(
        first,
        "submission.built",
        early.toString(),
        "org.rlarena.submission.build-failed.v1",
        built("failed", early).toString());
    awaitHandled("submission.built");
    assertThat(hook.deliveries()).isEqualTo(2);
  }

  @Test
  void shouldTellThatAVersionMayNoLongerPlay() {
    // Given
    Hook hook = ada.registers(receiver.url(), "submission.built");
    UUID known = UUID.randomUUID();
    publish("agent.changed", "agent.changed.v1", agent(known, 1));
    awaitHandled("agent.changed");

    // When
    publish(
        "submission.built",
        "submission.scan-blocked.v1",
        Contract.exampleNode("submission.scan-blocked.v1").put("agentId", known.toString()));

    // Then
    awaitCalls(1);
    assertThat(hook.deliveries()).isEqualTo(1);
    assertThat(receiver.calls().getFirst().json().path("type").asText())
        .isEqualTo("submission.scan-blocked.v1");
    assertThat(data(receiver.calls().getFirst()).path("message").asText())
        .contains("CVE-2026-12345");
  }

  @Test
  void shouldTellNothingOfADeletedAgent() {
    // Given
    Hook hook = ada.registers(receiver.url(), "submission.built");
    UUID agent = UUID.randomUUID();
    ObjectNode gone = Contract.exampleNode("agent.deleted.v1");
    publish("agent.changed", "agent.deleted.v1", gone.put("agentId", agent.toString()));
    publish("agent.changed", "agent.changed.v1", agent(agent, 1_000_000));
    awaitHandled("agent.changed");

    // When
    publish("submission.built", "submission.build-failed.v1", built("failed", agent));
    awaitHandled("submission.built");

    // Then
    assertThat(hook.deliveries()).isZero();
  }

  @Test
  void shouldTellADisabledHookNothing() {
    // Given
    Hook hook = ada.registers(receiver.url(), "match.finished");
    ada.request()
        .body(Map.of("url", receiver.url(), "events", List.of("match.finished"), "enabled", false))
        .put(hook.path())
        .then()
        .statusCode(200);

    // When
    publish("match.finished", "match.finished.v1", match("match.finished.v1"));
    awaitHandled("match.finished");

    // Then
    assertThat(hook.deliveries()).isZero();
  }

  @Test
  void shouldForgetTheHooksOfADeletedUserForEver() {
    // Given
    Hook hook = ada.registers(receiver.url(), "match.finished");
    ObjectNode gone = Contract.exampleNode("user.deleted.v1");
    gone.put("userId", ada.id().toString());

    // When
    publish("user.changed", "user.deleted.v1", gone);
    publish("user.changed", "user.deleted.v1", gone);
    awaitHandled("user.changed");

    // Then: whatever the token, which is refused by now as well
    await().untilAsserted(() -> ada.request().get(hook.path()).then().statusCode(equalTo(401)));
    publish("match.finished", "match.finished.v1", match("match.finished.v1"));
    awaitHandled("match.finished");
    assertThat(receiver.calls()).isEmpty();
    assertThat(
            database.one(
                "select 1 from webhook where id = ?", row -> true, UUID.fromString(hook.id())))
        .isEmpty();
  }

  @Test
  void shouldDisableTheHooksOfABannedUser() {
    // Given
    Hook hook = ada.registers(receiver.url(), "match.finished");
    ObjectNode banned = Contract.exampleNode("user.changed.v1");
    banned.put("userId", ada.id().toString()).put("status", "banned");

    // When
    publish("user.changed", "user.changed.v1", banned);
    awaitHandled("user.changed");
    publish("match.finished", "match.finished.v1", match("match.finished.v1"));
    awaitHandled("match.finished");

    // Then
    assertThat(receiver.calls()).isEmpty();
    assertThat(
            database.one(
                "select disabled_reason from webhook where id = ? and not enabled",
                row -> row.getString(1),
                UUID.fromString(hook.id())))
        .contains("The account was banned.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "match.finished org.rlarena.match.finished.v1",
        "rating.changed org.rlarena.rating.changed.v1",
        "submission.built org.rlarena.submission.build-failed.v1",
        "agent.changed org.rlarena.agent.changed.v1",
        "user.changed org.rlarena.user.deleted.v1"
      })
  void shouldSetUnreadableEventsAsideAndGoOn(String topicAndType) {
    String topic = topicAndType.split(" ")[0];
    String type = topicAndType.split(" ")[1];
    String key = UUID.randomUUID().toString();

    events.publishRaw(topic, key, new byte[] {1, 2, 3}, Map.of());
    events.publish(topic, key, type, "{}");
    events.publish(topic, key, "org.rlarena.something.else.v1", "{}");

    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(events.deadLetters(topic, "webhook-service"))
                    .filteredOn(letter -> key.equals(letter.key()))
                    .hasSizeGreaterThanOrEqualTo(2));
    awaitHandled(topic);
  }

  /** Waits until everything that was published to a topic before is handled. */
  private void awaitHandled(String topic) {
    // marks on all partitions, over which keys are spread
    List<String> marks = Stream.generate(() -> UUID.randomUUID().toString()).limit(24).toList();
    marks.forEach(
        mark -> events.publishRaw(topic, mark, mark.getBytes(StandardCharsets.UTF_8), Map.of()));
    // the access library reads this topic as well, and sets aside what it cannot read
    int readers = topic.equals("user.changed") ? 2 : 1;
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () ->
                assertThat(events.deadLetters(topic, "webhook-service"))
                    .filteredOn(letter -> marks.contains(letter.key()))
                    .hasSize(marks.size() * readers));
  }

  private void awaitCalls(int count) {
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(receiver.calls()).hasSize(count));
  }

  private String publish(String topic, String type, ObjectNode data) {
    String key =
        data.path("agentId").asText(data.path("matchId").asText(data.path("userId").asText("key")));
    return events.publish(topic, key, "org.rlarena." + type, data.toString());
  }

  private ObjectNode match(String type) {
    ObjectNode match = Contract.exampleNode(type);
    match.put("matchId", UUID.randomUUID().toString());
    ((ObjectNode) match.at("/participants/0")).put("ownerId", ada.id().toString());
    ((ObjectNode) match.at("/participants/1")).put("ownerId", bob.id().toString());
    return match;
  }

  private ObjectNode agent(UUID id, long sequence) {
    return Contract.exampleNode("agent.changed.v1")
        .put("agentId", id.toString())
        .put("ownerId", ada.id().toString())
        .put("sequence", sequence);
  }

  private static ObjectNode built(String how, UUID agent) {
    return Contract.exampleNode("submission.build-" + how + ".v1").put("agentId", agent.toString());
  }

  private static JsonNode data(Receiver.Call call) {
    return call.json().path("data");
  }
}
