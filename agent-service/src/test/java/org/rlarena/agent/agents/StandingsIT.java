package org.rlarena.agent.agents;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rlarena.agent.ServiceTest;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;

/** What this service copies of other services' facts about an agent. */
@QuarkusTest
class StandingsIT extends ServiceTest {

  private static final String RATINGS = "rating.changed";
  private static final String RATED = "org.rlarena.rating.changed.v1";
  private static final String ACTIVATIONS = "submission.activated";
  private static final String ACTIVATED = "org.rlarena.submission.activated.v1";
  private static final String DEACTIVATED = "org.rlarena.submission.deactivated.v1";

  private final Events events = Events.connect();
  private final User ada = User.fresh();

  @AfterEach
  void close() {
    events.close();
  }

  @Test
  void shouldTakeOverNewestStandings() {
    // Given
    String winner = ada.creates("Winner", "pong");
    String loser = ada.creates("Loser", "pong");

    // When
    rate(standing(winner, 1240, 2, 0, 0, 2), standing(loser, 1160, 0, 2, 0, 2));
    awaitElo(winner, 1240);
    rate(standing(winner, 1220, 1, 0, 0, 1), standing(loser, 1180, 0, 1, 0, 1));
    rate(standing(winner, 1240, 2, 0, 0, 2), standing(UUID.randomUUID().toString(), 1, 0, 1, 0, 1));
    rate(standing(loser, 1175, 0, 2, 1, 3));

    // Then
    awaitElo(loser, 1175);
    given()
        .get("/api/v1/agents/" + winner)
        .then()
        .body("agent.elo", equalTo(1240))
        .body("agent.score", equalTo(1240))
        .body("agent.wins", equalTo(2))
        .body("agent.totalMatches", equalTo(2));
    given()
        .get("/api/v1/agents/" + loser)
        .then()
        .body("agent.losses", equalTo(2))
        .body("agent.draws", equalTo(1))
        .body("agent.totalMatches", equalTo(3));
    given()
        .get("/api/v1/agents?userId=" + ada.id())
        .then()
        .body("agents.id", contains(winner, loser));
  }

  @Test
  void shouldTakeOverNewestActivation() {
    // Given
    String agent = ada.creates("Agent", "pong");
    String v1 = UUID.randomUUID().toString();
    String v2 = UUID.randomUUID().toString();

    // When
    activate(agent, v2, 2);
    activate(agent, v1, 1);
    awaitActive(agent, v2);
    deactivate(agent, v1, 1);
    activate(agent, v1, 3);

    // Then
    awaitActive(agent, v1);
    deactivate(agent, v1, 4);
    await()
        .untilAsserted(
            () ->
                given()
                    .get("/api/v1/agents/" + agent)
                    .then()
                    .body("agent.activeSubmissionId", nullValue()));
  }

  @Test
  void shouldRecogniseRepeatedEvents() {
    // Given
    String agent = ada.creates("Agent", "pong");
    String v1 = UUID.randomUUID().toString();
    String eventId = activate(agent, v1, 1);
    awaitActive(agent, v1);
    deactivate(agent, v1, 2);

    // When
    events.publish(eventId, ACTIVATIONS, agent, ACTIVATED, activation(agent, v1, 1).toString());
    String v2 = UUID.randomUUID().toString();
    activate(agent, v2, 3);

    // Then
    awaitActive(agent, v2);
  }

  @Test
  void shouldSetUnreadableEventsAsideAndGoOn() {
    // Given
    String agent = ada.creates("Agent", "pong");
    String v1 = UUID.randomUUID().toString();

    // When
    events.publishRaw(ACTIVATIONS, agent, new byte[] {1}, Map.of());
    events.publish(ACTIVATIONS, agent, ACTIVATED, "{\"agentId\":null}");
    events.publishRaw(RATINGS, "pong", ("broken " + agent).getBytes(), Map.of());
    events.publish(RATINGS, "pong", RATED, "{\"changes\":[{\"agentId\":\"" + agent + "\"}]}");
    activate(agent, v1, 1);
    rate(standing(agent, 1300, 1, 0, 0, 1));

    // Then
    awaitActive(agent, v1);
    awaitElo(agent, 1300);
    assertThat(events.deadLetters(ACTIVATIONS, "agent-service"))
        .filteredOn(letter -> agent.equals(letter.key()))
        .hasSize(2);
    assertThat(events.deadLetters(RATINGS, "agent-service"))
        .filteredOn(letter -> letter.data().toString().contains(agent))
        .hasSize(2);
  }

  @Test
  void shouldIgnoreFactsOfDeletedAgents() {
    // Given
    String deleted = ada.creates("Deleted", "pong");
    String living = ada.creates("Living", "pong");
    ada.request().delete("/api/v1/agents/" + deleted);

    // When
    activate(deleted, UUID.randomUUID().toString(), 1);
    rate(standing(deleted, 2000, 1, 0, 0, 1), standing(living, 1190, 0, 1, 0, 1));

    // Then
    awaitElo(living, 1190);
    given().get("/api/v1/agents/" + deleted).then().statusCode(404);
    assertThat(events.deadLetters(ACTIVATIONS, "agent-service"))
        .noneMatch(letter -> deleted.equals(letter.key()));
  }

  @Test
  void shouldReadPublishedExamples() {
    events.publish(RATINGS, "pong", RATED, Contract.example("rating.changed.v1"));
    String example = Contract.exampleNode("submission.activated.v1").get("agentId").asText();
    events.publish(ACTIVATIONS, example, ACTIVATED, Contract.example("submission.activated.v1"));
    events.publish(
        ACTIVATIONS, example, DEACTIVATED, Contract.example("submission.deactivated.v1"));
    String agent = ada.creates("Agent", "pong");
    rate(standing(agent, 1234, 1, 0, 0, 1));
    String unreadable = "broken " + agent;
    events.publishRaw(ACTIVATIONS, example, unreadable.getBytes(), Map.of());

    awaitElo(agent, 1234);
    await()
        .untilAsserted(
            () ->
                assertThat(events.deadLetters(ACTIVATIONS, "agent-service"))
                    .filteredOn(letter -> example.equals(letter.key()))
                    .singleElement()
                    .satisfies(letter -> assertThat(letter.data().asText()).isEqualTo(unreadable)));
    assertThat(events.deadLetters(RATINGS, "agent-service"))
        .noneMatch(letter -> letter.data().has("ledgerNumber"));
  }

  private void rate(ObjectNode... standings) {
    ObjectNode event = Contract.exampleNode("rating.changed.v1");
    ArrayNode changes = event.putArray("changes");
    for (ObjectNode standing : standings) {
      changes.add(standing);
    }
    events.publish(RATINGS, "pong", RATED, event.toString());
  }

  private ObjectNode standing(
      String agent, int after, int wins, int losses, int draws, int sequence) {
    ObjectNode change =
        (ObjectNode) Contract.exampleNode("rating.changed.v1").get("changes").get(0).deepCopy();
    return change
        .put("agentId", agent)
        .put("after", after)
        .put("wins", wins)
        .put("losses", losses)
        .put("draws", draws)
        .put("sequence", sequence);
  }

  private ObjectNode activation(String agent, String submission, int sequence) {
    return Contract.exampleNode("submission.activated.v1")
        .put("agentId", agent)
        .put("submissionId", submission)
        .put("sequence", sequence);
  }

  private String activate(String agent, String submission, int sequence) {
    return events.publish(
        ACTIVATIONS, agent, ACTIVATED, activation(agent, submission, sequence).toString());
  }

  private void deactivate(String agent, String submission, int sequence) {
    ObjectNode event =
        Contract.exampleNode("submission.deactivated.v1")
            .put("agentId", agent)
            .put("submissionId", submission)
            .put("sequence", sequence);
    events.publish(ACTIVATIONS, agent, DEACTIVATED, event.toString());
  }

  private static void awaitElo(String agent, int elo) {
    await()
        .untilAsserted(
            () -> given().get("/api/v1/agents/" + agent).then().body("agent.elo", equalTo(elo)));
  }

  private static void awaitActive(String agent, String submission) {
    await()
        .untilAsserted(
            () ->
                given()
                    .get("/api/v1/agents/" + agent)
                    .then()
                    .body("agent.activeSubmissionId", equalTo(submission)));
  }
}
