package org.rlarena.match.matches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.ReceivedEvent;
import org.rlarena.match.testing.FakeExecutor;
import org.rlarena.match.testing.ServiceTest;

/** Every reader of the matches feature against a real broker. */
@QuarkusTest
class MatchEventsIT extends ServiceTest {

  private static final String REQUESTED = "org.rlarena.match.requested.v1";
  private static final String RATED = "org.rlarena.rating.changed.v1";

  // match.requested

  @Test
  void shouldMakeMatchOfRequestAndSaySo() {
    // Given
    Player first = Player.fresh();
    Player second = Player.fresh();
    // When
    UUID id = request(first, second);
    JsonPath match = awaitStatus(id, "pending");
    // Then
    assertThat(match.getString("match.kind")).isEqualTo("ladder");
    assertThat(match.getBoolean("match.rated")).isTrue();
    assertThat(match.getList("match.participants.agentId", String.class))
        .containsExactly(first.agentId().toString(), second.agentId().toString());
    ReceivedEvent created = events.await("match.created", e -> e.key().equals(id.toString()));
    Contract.assertMatches(created);
    assertThat(created.data().get("sequence").asInt()).isEqualTo(1);
  }

  @Test
  void shouldCarryTheTraceOfTheRequestToTheEndOfTheMatch() {
    // Given
    String traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    UUID id = UUID.randomUUID();
    String request = requested(id, Player.fresh(), Player.fresh()).toString();
    // When
    try (FakeExecutor _ = FakeExecutor.at(0)) {
      events.publishTraced(traceparent, "match.requested", id.toString(), REQUESTED, request);
      awaitStatus(id, "completed");
    }
    // Then
    for (String topic : List.of("match.created", "match.started", "match.finished")) {
      assertThat(events.await(topic, e -> e.key().equals(id.toString())).headers())
          .as(topic)
          .containsEntry("traceparent", traceparent);
    }
  }

  @Test
  void shouldAcceptPublishedExampleOfRequest() {
    ObjectNode example = Contract.exampleNode("match.requested.v1");
    String id = example.get("matchId").asText();
    events.publish("match.requested", id, REQUESTED, example.toString());
    assertThat(awaitStatus(UUID.fromString(id), "pending").getString("match.environmentId"))
        .isEqualTo("pong");
  }

  @Test
  void shouldMakeOneMatchOfRequestThatComesTwice() {
    // Given
    Player first = Player.fresh();
    Player second = Player.fresh();
    UUID id = UUID.randomUUID();
    String json = requested(id, first, second).toString();
    String eventId = events.publish("match.requested", id.toString(), REQUESTED, json);
    awaitStatus(id, "pending");
    // When: the same event, and the same request in another event
    events.publish(eventId, "match.requested", id.toString(), REQUESTED, json);
    events.publish("match.requested", id.toString(), REQUESTED, json);
    awaitHandled();
    // Then
    assertThat(count("select count(*) from match where id = '%s'".formatted(id))).isEqualTo(1);
    assertThat(about("match.created", id)).hasSize(1);
    assertThat(about("match.finished", id)).isEmpty();
  }

  @Test
  void shouldCancelRequestForAgentThatHasAnotherRatedMatchOpen() {
    // Given
    Player busy = Player.fresh();
    UUID open = request(busy, Player.fresh());
    awaitStatus(open, "pending");
    // When
    UUID id = request(Player.fresh(), busy);
    JsonPath match = awaitStatus(id, "cancelled");
    // Then
    assertThat(match.getString("match.errorReason")).isEqualTo("already_playing");
    ReceivedEvent cancelled = events.await("match.finished", e -> e.key().equals(id.toString()));
    Contract.assertMatches(cancelled);
    assertThat(cancelled.type()).isEqualTo("org.rlarena.match.cancelled.v1");
    assertThat(about("match.created", id)).isEmpty();
    assertThat(match(open).getString("match.status")).isEqualTo("pending");
  }

  @Test
  void shouldOpenOneMatchOnlyWhenManyAreRequestedAtOnce() {
    // Given
    Player popular = Player.fresh();
    List<UUID> ids = IntStream.range(0, 12).mapToObj(i -> UUID.randomUUID()).toList();
    // When: keys spread them over partitions, which are read in parallel
    ids.forEach(id -> publishRequested(id, requested(id, popular, Player.fresh())));
    // Then
    ids.forEach(
        id -> await().atMost(LIMIT).until(() -> match(id).getString("match.status") != null));
    assertThat(ids.stream().filter(id -> match(id).get("match.status").equals("pending")))
        .hasSize(1);
    assertThat(ids.stream().filter(id -> match(id).get("match.status").equals("cancelled")))
        .hasSize(11);
  }

  @Test
  void shouldAcceptNextRequestOnceTheMatchIsOver() {
    try (FakeExecutor executor = FakeExecutor.at(0)) {
      Player player = Player.fresh();
      awaitStatus(request(player, Player.fresh()), "completed");
      awaitStatus(request(player, Player.fresh()), "completed");
      assertThat(executor.requests()).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage",
        "null",
        "no seats",
        "one seat",
        "twice the same",
        "no seed",
        "no bundle"
      })
  void shouldPutRequestThatCannotBeReadAside(String fault) {
    // Given
    UUID id = UUID.randomUUID();
    ObjectNode request = requested(id, Player.fresh(), Player.fresh());
    ArrayNode seats = (ArrayNode) request.get("seats");
    String json =
        switch (fault) {
          case "garbage" -> "\u0001{";
          case "null" -> "null";
          case "no seats" -> request.without("seats").toString();
          case "one seat" -> {
            seats.remove(1);
            yield request.toString();
          }
          case "twice the same" -> {
            seats.set(1, seats.get(0));
            yield request.toString();
          }
          case "no seed" -> request.put("seed", 0).toString();
          default -> {
            ((ObjectNode) seats.get(0)).remove("bundle");
            yield request.toString();
          }
        };
    // When
    events.publish("match.requested", id.toString(), REQUESTED, json);
    // Then
    awaitDeadLetter("match.requested", id.toString());
    assertThat(count("select count(*) from match where id = '%s'".formatted(id))).isZero();
    awaitStatus(request(Player.fresh(), Player.fresh()), "pending");
  }

  @Test
  void shouldPutRecordThatIsNoEventAside() {
    String key = UUID.randomUUID().toString();
    events.publishRaw("match.requested", key, new byte[] {1, 2, 3}, Map.of());
    awaitDeadLetter("match.requested", key);
  }

  @Test
  void shouldPassOverTypesItDoesNotKnow() {
    UUID id = UUID.randomUUID();
    events.publish("match.requested", id.toString(), "org.rlarena.match.dreamt.v9", "{}");
    awaitStatus(request(Player.fresh(), Player.fresh()), "pending");
    assertThat(deadLettersOf("match.requested", id.toString())).isEmpty();
  }

  // agent.changed

  @Test
  void shouldTakeAgentOfPublishedExampleAndIgnoreOlderAndRepeatedStates() {
    // Given
    UUID agentId = UUID.randomUUID();
    publishAgent(agentId, 5, "Fifth");
    awaitAgent(agentId, "Fifth");
    // When
    publishAgent(agentId, 4, "Fourth");
    publishAgent(agentId, 5, "Fifth again");
    publishAgent(agentId, 6, "Sixth");
    // Then
    awaitAgent(agentId, "Sixth");
  }

  @Test
  void shouldCancelWaitingMatchOfDeletedAgentAndLetRunningOnesFinish() {
    // Given
    Player deleted = known(Player.fresh());
    FakeExecutor.Held held = new FakeExecutor.Held();
    try (FakeExecutor executor = FakeExecutor.at(0).withCapacity(1).plays(held)) {
      UUID running = request(deleted, Player.fresh());
      awaitStatus(running, "running");
      UUID waiting = UUID.randomUUID();
      ObjectNode unrated = requested(waiting, deleted, Player.fresh()).put("rated", false);
      publishRequested(waiting, unrated);
      awaitStatus(waiting, "pending");
      // When
      publishDeleted(deleted, 7);
      // Then
      JsonPath match = awaitStatus(waiting, "cancelled");
      assertThat(match.getString("match.errorReason")).isEqualTo("agent_deleted");
      assertThat(match.getString("match.participants[0].name")).isEqualTo("deleted agent");
      Contract.assertMatches(
          events.await("match.finished", e -> e.key().equals(waiting.toString())));
      held.release();
      awaitStatus(running, "completed");
      assertThat(executor.requests()).hasSize(1);
    }
  }

  @Test
  void shouldKeepTombstoneInEitherOrder() {
    // Given: deleted before it was heard of
    Player deleted = Player.fresh();
    publishDeleted(deleted, 7);
    publishAgent(deleted.agentId(), 9, "Zombie");
    publishDeleted(deleted, 7);
    awaitHandledAgents();
    // When
    UUID id = request(deleted, Player.fresh());
    // Then
    JsonPath match = awaitStatus(id, "cancelled");
    assertThat(match.getString("match.errorReason")).isEqualTo("agent_deleted");
    assertThat(match.getString("match.participants[0].name")).isEqualTo("deleted agent");
  }

  @Test
  void shouldPutAgentThatCannotBeReadAside() {
    String key = UUID.randomUUID().toString();
    events.publish("agent.changed", key, "org.rlarena.agent.changed.v1", "{\"agentId\":7}");
    events.publish("agent.changed", key, "org.rlarena.agent.deleted.v1", "{}");
    awaitDeadLetter("agent.changed", key);
    await().atMost(LIMIT).until(() -> deadLettersOf("agent.changed", key).size() == 2);
  }

  // rating.changed

  @Test
  void shouldShowRatingChangeThatFollowsTheMatchAndIgnoreRepeats() {
    // Given
    Player first = Player.fresh();
    Player second = Player.fresh();
    try (FakeExecutor executor = FakeExecutor.at(0)) {
      UUID id = request(first, second);
      assertThat(awaitStatus(id, "completed").getString("match.ratingStatus")).isEqualTo("pending");
      // When
      publishRated(id, first, second, 17, 20, -20);
      publishRated(id, first, second, 17, 99, -99);
      publishRated(id, first, second, 16, 88, -88);
      // Then
      awaitRated(id, 20);
      awaitHandledRatings();
      JsonPath match = match(id);
      assertThat(match.getInt("match.agent1EloChange")).isEqualTo(20);
      assertThat(match.getInt("match.agent2EloChange")).isEqualTo(-20);
      assertThat(match.getList("match.participants.eloChange")).containsExactly(20, -20);
      assertThat(executor.requests()).hasSize(1);
    }
  }

  @Test
  void shouldKeepRatingChangeThatComesBeforeTheMatch() {
    // Given
    Player first = Player.fresh();
    Player second = Player.fresh();
    UUID id = UUID.randomUUID();
    publishRated(id, first, second, 17, 20, -20);
    awaitHandledRatings();
    // When
    publishRequested(id, requested(id, first, second));
    // Then
    awaitRated(id, 20);
  }

  @Test
  void shouldAcceptPublishedExampleOfRatingAndPutUnreadableAside() {
    ObjectNode example = Contract.exampleNode("rating.changed.v1");
    String matchId = example.get("matchId").asText();
    events.publish("rating.changed", "pong", RATED, example.toString());
    await()
        .atMost(LIMIT)
        .until(
            () ->
                count("select count(*) from rating_change where match_id = '%s'".formatted(matchId))
                    == 2);
    String key = UUID.randomUUID().toString();
    events.publish("rating.changed", key, RATED, "{\"matchId\":\"x\"}");
    awaitDeadLetter("rating.changed", key);
  }

  private void publishAgent(UUID agentId, long sequence, String name) {
    events.publish(
        "agent.changed",
        agentId.toString(),
        "org.rlarena.agent.changed.v1",
        Contract.exampleNode("agent.changed.v1")
            .put("agentId", agentId.toString())
            .put("sequence", sequence)
            .put("name", name)
            .toString());
  }

  private void publishRated(
      UUID matchId, Player first, Player second, long ledger, int firstChange, int secondChange) {
    ObjectNode rated =
        Contract.exampleNode("rating.changed.v1")
            .put("matchId", matchId.toString())
            .put("ledgerNumber", ledger);
    ((ObjectNode) rated.get("changes").get(0))
        .put("agentId", first.agentId().toString())
        .put("change", firstChange);
    ((ObjectNode) rated.get("changes").get(1))
        .put("agentId", second.agentId().toString())
        .put("change", secondChange);
    events.publish("rating.changed", "pong", RATED, rated.toString());
  }

  private void awaitAgent(UUID agentId, String name) {
    await()
        .atMost(LIMIT)
        .until(
            () ->
                count(
                        "select count(*) from agent_entry where agent_id = '%s' and name = '%s'"
                            .formatted(agentId, name))
                    == 1);
  }

  private void awaitRated(UUID id, int change) {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              assertThat(match(id).getString("match.ratingStatus")).isEqualTo("rated");
              assertThat(match(id).getInt("match.agent1EloChange")).isEqualTo(change);
            });
  }

  /**
   * What was published to match.requested before is handled once a later request of each key is.
   */
  private void awaitHandled() {
    awaitMarkers(
        "match.requested",
        id -> requested(id, Player.fresh(), Player.fresh()).toString(),
        REQUESTED);
  }

  private void awaitHandledAgents() {
    awaitMarkers(
        "agent.changed",
        id -> Contract.exampleNode("agent.changed.v1").put("agentId", id.toString()).toString(),
        "org.rlarena.agent.changed.v1");
  }

  private void awaitHandledRatings() {
    awaitMarkers(
        "rating.changed",
        id -> {
          ObjectNode rated = Contract.exampleNode("rating.changed.v1");
          return rated.put("matchId", id.toString()).toString();
        },
        RATED);
  }

  /** Puts a marker behind everything on each partition and waits until all of them are handled. */
  private void awaitMarkers(String topic, Function<UUID, String> payload, String type) {
    Map<String, UUID> markers = new LinkedHashMap<>();
    for (int i = 0; i < 24; i++) {
      UUID id = UUID.randomUUID();
      String key = topic.equals("rating.changed") ? "pong" : id.toString();
      markers.put(events.publish(topic, key, type, payload.apply(id)), id);
    }
    await()
        .atMost(LIMIT)
        .until(
            () ->
                count(
                        "select count(*) from processed_event where event_id in ('%s')"
                            .formatted(String.join("','", markers.keySet())))
                    == markers.size());
  }

  private List<ReceivedEvent> about(String topic, UUID matchId) {
    return events.on(topic).stream().filter(e -> e.key().equals(matchId.toString())).toList();
  }

  private List<ReceivedEvent> deadLettersOf(String topic, String key) {
    return events.deadLetters(topic, "match-service").stream()
        .filter(e -> key.equals(e.key()))
        .toList();
  }

  private void awaitDeadLetter(String topic, String key) {
    await().atMost(LIMIT).until(() -> !deadLettersOf(topic, key).isEmpty());
    assertThat(deadLettersOf(topic, key).getFirst().headers()).containsKey("dead-letter-reason");
  }
}
