package org.rlarena.agent.agents;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rlarena.agent.ServiceTest;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;

@QuarkusTest
class UserListenerIT extends ServiceTest {

  private static final String TOPIC = "user.changed";
  private static final String CHANGED = "org.rlarena.user.changed.v1";
  private static final String DELETED = "org.rlarena.user.deleted.v1";

  private final Events events = Events.connect();
  private final User ada = User.fresh();

  @AfterEach
  void close() {
    events.close();
  }

  @Test
  void shouldShowNewestName() {
    String id = ada.creates("Left Hook", "pong");

    publish(changed("ada-2", 2));
    awaitUsername(id, "ada-2");
    publish(changed("ada-1", 1));
    publish(changed("ada-3", 3));

    awaitUsername(id, "ada-3");
  }

  @Test
  void shouldKnowNameBeforeTheFirstAgent() {
    publish(changed("ada-from-event", 1));
    awaitAllRead();

    String id = ada.creates("Left Hook", "pong");

    given().get("/api/v1/agents/" + id).then().body("agent.username", equalTo("ada-from-event"));
  }

  @Test
  void shouldDeleteAgentsOfDeletedUserOnce() {
    // Given
    String first = ada.creates("One", "pong");
    String second = ada.creates("Two", "pong");
    String other = User.fresh().creates("Other", "pong");

    // When
    String eventId = publishDeletion(9);
    events.await("agent.changed", event -> isDeletionOf(event.type(), event.key(), second));
    events.publish(eventId, TOPIC, ada.id().toString(), DELETED, deletion(9).toString());
    publishDeletion(10);
    publish(changed("risen", 11));

    // Then
    events.await("agent.changed", event -> isDeletionOf(event.type(), event.key(), first));
    awaitAllRead();
    given().get("/api/v1/agents/" + first).then().statusCode(404);
    given().get("/api/v1/agents/" + second).then().statusCode(404);
    given().get("/api/v1/agents/" + other).then().statusCode(200);
    assertThat(events.on("agent.changed"))
        .filteredOn(event -> isDeletionOf(event.type(), event.key(), first))
        .singleElement()
        .satisfies(Contract::assertMatches);
  }

  @Test
  void shouldRefuseAgentsOfUserDeletedBeforeTheFirstChangeCame() {
    publishDeletion(3);
    publish(changed("risen", 2));
    awaitAllRead();

    ada.request()
        .body(Map.of("name", "Ghost", "environmentId", "pong"))
        .post("/api/v1/agents")
        .then()
        .statusCode(401);
  }

  @Test
  void shouldSetUnreadableEventsAsideAndGoOn() {
    // Given
    String id = ada.creates("Left Hook", "pong");
    String key = ada.id().toString();

    // When
    events.publishRaw(TOPIC, key, new byte[] {1, 2, 3}, Map.of());
    events.publish(TOPIC, key, CHANGED, "{\"userId\": \"nobody\"}");
    events.publish(TOPIC, key, CHANGED, "{}");
    events.publish(TOPIC, key, "org.rlarena.user.promoted.v1", "{}");
    publish(changed("after", 5));

    // Then
    awaitUsername(id, "after");
    await()
        .untilAsserted(
            () ->
                assertThat(events.deadLetters(TOPIC, "agent-service"))
                    .filteredOn(letter -> key.equals(letter.key()))
                    .hasSizeGreaterThanOrEqualTo(3));
  }

  @Test
  void shouldReadPublishedExamples() {
    ObjectNode example = Contract.exampleNode("user.changed.v1");
    events.publish(
        TOPIC, example.get("userId").asText(), CHANGED, Contract.example("user.changed.v1"));
    ObjectNode gone = Contract.exampleNode("user.deleted.v1");
    events.publish(
        TOPIC, gone.get("userId").asText(), DELETED, Contract.example("user.deleted.v1"));
    awaitAllRead();

    assertThat(events.deadLetters(TOPIC, "agent-service"))
        .noneMatch(letter -> example.get("userId").asText().equals(letter.key()));
  }

  /** Reads on until a later event of the same key has had its effect. */
  private void awaitAllRead() {
    String key = ada.id().toString();
    String marker = "not json " + UUID.randomUUID();
    events.publishRaw(TOPIC, key, marker.getBytes(StandardCharsets.UTF_8), Map.of());
    await()
        .untilAsserted(
            () ->
                assertThat(events.deadLetters(TOPIC, "agent-service"))
                    .filteredOn(letter -> letter.data().asText().equals(marker))
                    .hasSizeGreaterThanOrEqualTo(2));
  }

  private void awaitUsername(String agentId, String username) {
    await()
        .untilAsserted(
            () ->
                given()
                    .get("/api/v1/agents/" + agentId)
                    .then()
                    .body("agent.username", equalTo(username)));
  }

  private ObjectNode changed(String username, int sequence) {
    ObjectNode user = Contract.exampleNode("user.changed.v1");
    return user.put("userId", ada.id().toString())
        .put("username", username)
        .put("sequence", sequence)
        .put("tokensValidFrom", "2020-01-01T00:00:00Z");
  }

  private void publish(ObjectNode user) {
    events.publish(TOPIC, ada.id().toString(), CHANGED, user.toString());
  }

  private ObjectNode deletion(int sequence) {
    ObjectNode gone = Contract.exampleNode("user.deleted.v1");
    return gone.put("userId", ada.id().toString()).put("sequence", sequence);
  }

  private String publishDeletion(int sequence) {
    return events.publish(TOPIC, ada.id().toString(), DELETED, deletion(sequence).toString());
  }

  private static boolean isDeletionOf(String type, String key, String agentId) {
    return AgentDeleted.TYPE.equals(type) && agentId.equals(key);
  }
}
