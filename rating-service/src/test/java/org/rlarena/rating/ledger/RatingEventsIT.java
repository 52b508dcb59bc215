package org.rlarena.rating.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.ReceivedEvent;
import org.rlarena.infra.testing.TestInfra;
import org.rlarena.outbox.SchemaMigration;
import org.rlarena.rating.Fixtures;
import org.rlarena.rating.Fixtures.Agent;

/** {@code match.finished} in, {@code rating.changed} out, through a real broker and database. */
@QuarkusTest
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "rating_service"))
@WithTestResource(TestKeys.class)
class RatingEventsIT {

  @Inject SchemaMigration schema;
  @Inject Ledger ledger;
  @Inject LedgerVerification verification;

  private final Agent ada = Agent.named("Ada");
  private final Agent bob = Agent.named("Bob");
  private final String environment = Fixtures.environment();
  private Events events;

  @BeforeEach
  void connect() {
    schema.await();
    events = Events.connect();
  }

  @AfterEach
  void disconnect() {
    events.close();
  }

  @Test
  void shouldRateAFinishedMatchAndTell() {
    // Given
    ObjectNode match = Fixtures.won(environment, ada, bob);

    // When
    Fixtures.publishFinished(events, match);

    // Then
    ReceivedEvent rated = Fixtures.awaitRated(events, match);
    Contract.assertMatches(rated);
    assertThat(rated.type()).isEqualTo("org.rlarena.rating.changed.v1");
    assertThat(rated.key()).isEqualTo(environment);
    var winner = rated.data().get("changes").get(0);
    assertThat(winner.get("agentId").asText()).isEqualTo(ada.id().toString());
    assertThat(winner.get("before").asInt()).isEqualTo(1200);
    assertThat(winner.get("after").asInt()).isEqualTo(1220);
    assertThat(winner.get("change").asInt()).isEqualTo(20);
    assertThat(winner.get("wins").asInt()).isEqualTo(1);
    assertThat(winner.get("sequence").asInt()).isEqualTo(1);
    var loser = rated.data().get("changes").get(1);
    assertThat(loser.get("after").asInt()).isEqualTo(1180);
    assertThat(loser.get("losses").asInt()).isEqualTo(1);
  }

  @Test
  void shouldCarryTheTraceOfAMatchToTheChangeOfItsRatings() {
    // Given
    String traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    ObjectNode match = Fixtures.won(environment, ada, bob);

    // When
    events.publishTraced(
        traceparent,
        "match.finished",
        match.get("matchId").asText(),
        MatchListener.FINISHED,
        match.toString());

    // Then
    assertThat(Fixtures.awaitRated(events, match).headers())
        .containsEntry("traceparent", traceparent);
  }

  @Test
  void shouldAcceptThePublishedExample() {
    // Given
    String example = Contract.example("match.finished.v1");
    String match = Contract.exampleNode("match.finished.v1").get("matchId").asText();

    // When
    events.publish("match.finished", match, "org.rlarena.match.finished.v1", example);

    // Then
    Contract.assertMatches(
        events.await(
            "rating.changed", event -> event.data().get("matchId").asText().equals(match)));
  }

  @Test
  void shouldChangeNothingWhenAMatchComesAgain() {
    // Given
    ObjectNode match = Fixtures.won(environment, ada, bob);
    String key = match.get("matchId").asText();
    String id = Fixtures.publishFinished(events, match);
    Fixtures.awaitRated(events, match);

    // When: the same event, then the same match under another event's id, then something new behind
    // them
    events.publish(id, "match.finished", key, MatchListener.FINISHED, match.toString());
    Fixtures.publishFinished(events, match);
    ObjectNode next = Fixtures.drawn(environment, ada, bob);
    events.publish("match.finished", key, MatchListener.FINISHED, next.toString());

    // Then
    Fixtures.awaitRated(events, next);
    assertThat(events.on("rating.changed"))
        .filteredOn(event -> event.data().get("matchId").asText().equals(key))
        .hasSize(1);
    assertThat(standing(ada)).containsEntry("wins", 1).containsEntry("draws", 1);
  }

  @Test
  void shouldRateMatchesInTheOrderTheyArrive() {
    // Given: played in one order
    ObjectNode first =
        Fixtures.won(environment, ada, bob).put("finishedAt", "2026-11-23T10:00:00Z");
    ObjectNode second =
        Fixtures.won(environment, bob, ada).put("finishedAt", "2026-11-23T10:05:00Z");

    // When: told in another
    Fixtures.publishFinished(events, second);
    Fixtures.awaitRated(events, second);
    Fixtures.publishFinished(events, first);

    // Then
    ReceivedEvent later = Fixtures.awaitRated(events, first);
    ReceivedEvent earlier = Fixtures.awaitRated(events, second);
    assertThat(later.data().get("ledgerNumber").asLong())
        .isGreaterThan(earlier.data().get("ledgerNumber").asLong());
    assertThat(later.data().get("changes").get(0).get("before").asInt()).isEqualTo(1180);
    assertThat(verification.verify().differences()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"match.failed.v1", "match.cancelled.v1"})
  void shouldNotRateWhatWasNotPlayed(String type) {
    // Given
    ObjectNode match = Contract.exampleNode(type).put("matchId", UUID.randomUUID().toString());
    String key = match.get("matchId").asText();

    // When: followed by a match that is rated, on the same partition
    events.publish("match.finished", key, "org.rlarena." + type, match.toString());
    ObjectNode next = Fixtures.won(environment, ada, bob);
    events.publish("match.finished", key, MatchListener.FINISHED, next.toString());

    // Then
    Fixtures.awaitRated(events, next);
    assertThat(inLedger(key)).isFalse();
  }

  @Test
  void shouldNotRateChallengesAndNoContests() {
    // Given
    ObjectNode challenge =
        Fixtures.won(environment, ada, bob).put("kind", "challenge").put("rated", false);
    ObjectNode noContest =
        Fixtures.finished(UUID.randomUUID(), environment, ada, 0, bob, 0)
            .put("outcome", "no_contest")
            .put("rated", false);
    ObjectNode next = Fixtures.won(environment, ada, bob);

    // When
    String key = next.get("matchId").asText();
    for (ObjectNode match : new ObjectNode[] {challenge, noContest, next}) {
      events.publish("match.finished", key, MatchListener.FINISHED, match.toString());
    }

    // Then
    Fixtures.awaitRated(events, next);
    assertThat(inLedger(challenge.get("matchId").asText())).isFalse();
    assertThat(inLedger(noContest.get("matchId").asText())).isFalse();
    assertThat(standing(ada)).containsEntry("wins", 1);
  }

  @Test
  void shouldPutAsideWhatItCannotReadAndGoOn() {
    // Given
    String key = UUID.randomUUID().toString();
    var headers =
        Map.of(
            "ce_specversion", "1.0",
            "ce_id", UUID.randomUUID().toString(),
            "ce_source", "/test",
            "ce_type", MatchListener.FINISHED,
            "ce_time", "2026-11-23T10:00:00Z");
    ObjectNode contradictory =
        Fixtures.finished(UUID.randomUUID(), environment, ada, 0, bob, 0).put("rated", true);
    ObjectNode next = Fixtures.won(environment, ada, bob);
    int before = events.deadLetters("match.finished", "rating-service").size();

    // When: no JSON, no CloudEvent, a rated match without ranks, then a sound one
    events.publishRaw("match.finished", key, new byte[] {1, 2, 3}, headers);
    events.publishRaw("match.finished", key, next.toString().getBytes(), Map.of());
    events.publish("match.finished", key, MatchListener.FINISHED, contradictory.toString());
    events.publish("match.finished", key, MatchListener.FINISHED, next.toString());

    // Then
    Fixtures.awaitRated(events, next);
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(events.deadLetters("match.finished", "rating-service"))
                    .hasSize(before + 3));
  }

  private boolean inLedger(String matchId) {
    return QuarkusTransaction.requiringNew().call(() -> ledger.contains(UUID.fromString(matchId)));
  }

  private Map<String, Integer> standing(Agent agent) {
    return QuarkusTransaction.requiringNew()
        .call(
            () -> {
              var rating = ledger.getEntityManager().find(Rating.class, agent.id());
              return Map.of("wins", rating.wins, "losses", rating.losses, "draws", rating.draws);
            });
  }
}
