package org.rlarena.matchmaking.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.ReceivedEvent;
import org.rlarena.infra.testing.TestInfra;
import org.rlarena.matchmaking.Neighbours;
import org.rlarena.matchmaking.Neighbours.Agent;
import org.rlarena.matchmaking.TestClock;
import org.rlarena.matchmaking.history.Pairings;
import org.rlarena.matchmaking.queue.Queue;
import org.rlarena.outbox.SchemaMigration;

/** From an agent's entry to {@code match.requested} and back, on a real broker and database. */
@QuarkusTest
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "matchmaking_service"))
@WithTestResource(TestKeys.class)
class MatchmakingIT {

  private static final Logger LOG = Logger.getLogger(MatchmakingIT.class);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Inject SchemaMigration schema;
  @Inject TestClock clock;
  @Inject Queue queue;
  @Inject Pairings pairings;
  @Inject PlayRound playRound;

  private final Agent ada = Agent.named("Ada");
  private final Agent bob = Agent.named("Bob");
  private final Agent cleo = Agent.named("Cleo");
  private Neighbours neighbours;

  @BeforeEach
  void connect() {
    schema.await();
    neighbours = new Neighbours();
  }

  @AfterEach
  void disconnect() {
    neighbours.close();
  }

  @Test
  void shouldAskForAMatchOfTwoThatEnter() {
    // Given
    neighbours.openEnvironment();

    // When
    neighbours.enter(ada);
    neighbours.enter(bob);

    // Then
    ReceivedEvent request = neighbours.awaitRequest(ada, bob);
    Contract.assertMatches(request);
    assertThat(request.key()).isEqualTo(request.data().get("matchId").asText());
    assertThat(request.data().get("environmentVersion").asText()).isEqualTo("0.1.2");
    assertThat(request.data().get("rated").asBoolean()).isTrue();
    assertThat(request.data().get("reason").asText()).isEqualTo("close_rating");
    assertThat(request.data().get("seed").asLong()).isBetween(1L, (1L << 53) - 1);
    var seat = request.data().get("seats").get(Neighbours.agents(request).indexOf(ada.id()));
    var activation = neighbours.activation(ada, 1);
    for (String field :
        List.of("agentName", "ownerId", "submissionId", "version", "bundle", "imageDigest")) {
      assertThat(seat.get(field)).as(field).isEqualTo(activation.get(field));
    }
    awaitQueue(Set.of());
  }

  @Test
  void shouldCarryTheTraceOfAnUploadToTheFirstMatchOfItsVersion() {
    // Given
    String traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    neighbours.openEnvironment();
    neighbours.changed(ada, 1, true);
    neighbours.events.publishTraced(
        traceparent,
        "submission.activated",
        ada.id().toString(),
        "org.rlarena.submission.activated.v1",
        neighbours.activation(ada, 1).toString());

    // When
    neighbours.enter(bob);
    ReceivedEvent first = neighbours.awaitRequest(ada, bob);
    neighbours.ended(first, "match.finished.v1", clock.instant());
    ReceivedEvent second = neighbours.awaitRequest(ada, bob, first);

    // Then
    assertThat(first.headers()).containsEntry("traceparent", traceparent);
    assertThat(second.headers()).doesNotContainKey("traceparent");
  }

  @Test
  void shouldSwapSeatsAndPlayAgainAfterEveryEnd() {
    // Given
    neighbours.openEnvironment();
    neighbours.enter(ada);
    neighbours.enter(bob);
    ReceivedEvent first = neighbours.awaitRequest(ada, bob);

    // When
    neighbours.ended(first, "match.finished.v1", clock.instant());
    ReceivedEvent second = neighbours.awaitRequest(ada, bob, first);
    neighbours.ended(second, "match.failed.v1", clock.instant());
    ReceivedEvent third = neighbours.awaitRequest(ada, bob, first, second);
    neighbours.ended(third, "match.cancelled.v1", clock.instant());
    ReceivedEvent fourth = neighbours.awaitRequest(ada, bob, first, second, third);

    // Then: swapped after the game that was played, kept after those that were not
    List<UUID> swapped = Neighbours.agents(first).reversed();
    assertThat(Neighbours.agents(second)).isEqualTo(swapped);
    assertThat(Neighbours.agents(third)).isEqualTo(swapped);
    assertThat(Neighbours.agents(fourth)).isEqualTo(swapped);
    assertThat(seed(second)).isNotEqualTo(seed(first));
  }

  @Test
  void shouldNotPairAnAgentThatPlays() {
    // Given
    neighbours.openEnvironment();
    neighbours.enter(ada);
    neighbours.enter(bob);
    ReceivedEvent request = neighbours.awaitRequest(ada, bob);

    // When: a new version and a newcomer, while the match is open
    neighbours.activated(ada.withNewVersion(), 2);
    neighbours.enter(cleo);

    // Then
    awaitQueue(Set.of(cleo));
    assertThat(neighbours.requests()).containsExactly(request);
  }

  @Test
  void shouldCountARepeatedEndOnce() {
    // Given
    neighbours.openEnvironment();
    neighbours.enter(ada);
    neighbours.enter(bob);
    ReceivedEvent first = neighbours.awaitRequest(ada, bob);
    neighbours.ended(first, "match.finished.v1", clock.instant());
    ReceivedEvent second = neighbours.awaitRequest(ada, bob, first);

    // When: the end of the first comes again, also as another fact; then the second ends
    neighbours.ended(first, "match.finished.v1", clock.instant());
    neighbours.ended(first, "match.failed.v1", clock.instant());
    neighbours.ended(second, "match.finished.v1", clock.instant());

    // Then
    neighbours.awaitRequest(ada, bob, first, second);
    assertThat(neighbours.requests()).hasSize(3);
  }

  @Test
  void shouldNotPairAVersionThatExecutorsKeepFailingOn() {
    // Given
    neighbours.openEnvironment();
    neighbours.enter(ada);
    neighbours.enter(bob);
    ReceivedEvent first = neighbours.awaitRequest(ada, bob);

    // When
    var failure = neighbours.end(first, "match.failed.v1", clock.instant());
    failure.putArray("unplayableSubmissionIds").add(ada.submissionId().toString());
    neighbours.events.publish(
        "match.finished", first.key(), "org.rlarena.match.failed.v1", failure.toString());

    // Then: the other one waits alone, until there is a new version
    awaitQueue(Set.of(bob));
    Agent mended = ada.withNewVersion();
    neighbours.activated(mended, 2);
    ReceivedEvent second = neighbours.awaitRequest(ada, bob, first);
    assertThat(second.data().toString()).contains(mended.submissionId().toString());
  }

  @Test
  void shouldNotTakeAnUnknownMatchForItsOwn() {
    // Given: a challenge that match-service played
    neighbours.openEnvironment();
    neighbours.enter(ada);
    awaitQueue(Set.of(ada));
    var challenge =
        Contract.exampleNode("match.finished.v1")
            .put("kind", "challenge")
            .put("rated", false)
            .put("matchId", UUID.randomUUID().toString());

    // When
    neighbours.events.publish(
        "match.finished",
        challenge.get("matchId").asText(),
        "org.rlarena.match.finished.v1",
        challenge.toString());
    neighbours.enter(bob);

    // Then
    neighbours.awaitRequest(ada, bob);
  }

  @Test
  void shouldWaitUntilTheEnvironmentIsOnAndOffered() {
    // Given
    neighbours.enter(ada);
    neighbours.enter(bob);
    neighbours.environment(1, true, false);
    neighbours.environment(2, false, true);
    awaitQueue(Set.of(ada, bob));
    assertThat(neighbours.requests()).isEmpty();

    // When
    neighbours.environment(3, true, true);
    neighbours.environment(2, false, false);

    // Then
    neighbours.awaitRequest(ada, bob);
  }

  @Test
  void shouldDropAgentsThatCannotPlayAnyMore() {
    // Given
    Agent dan = Agent.named("Dan");
    List.of(ada, bob, cleo, dan).forEach(neighbours::enter);
    awaitQueue(Set.of(ada, bob, cleo, dan));

    // When
    neighbours.deleted(ada, 2);
    neighbours.changed(bob, 2, false);
    neighbours.deactivated(cleo, 2);

    // Then
    awaitQueue(Set.of(dan));
  }

  @Test
  void shouldTakeBackAnAgentThatMayPlayAgain() {
    // Given
    neighbours.enter(ada);
    neighbours.changed(ada, 2, false);
    awaitQueue(Set.of());

    // When
    neighbours.changed(ada, 3, true);

    // Then
    awaitQueue(Set.of(ada));
  }

  @Test
  void shouldNeverTakeBackADeletedAgent() {
    // Given
    neighbours.enter(bob);
    awaitQueue(Set.of(bob));

    // When: deleted before it was created, then everything late
    neighbours.deleted(ada, 3);
    neighbours.changed(ada, 1, true);
    neighbours.changed(ada, 4, true);
    neighbours.activated(ada, 1);
    neighbours.activated(cleo, 1);
    neighbours.changed(cleo, 1, true);

    // Then
    awaitQueue(Set.of(bob, cleo));
  }

  @Test
  void shouldPairAcrossALargeGapOnlyAfterAMinute() {
    // Given
    neighbours.rated(ada, 2400, bob, 1200, 7);
    awaitRatings();
    neighbours.openEnvironment();
    neighbours.enter(ada);
    neighbours.enter(bob);
    awaitQueue(Set.of(ada, bob));
    assertThat(neighbours.requests()).isEmpty();

    // When
    clock.advance(Duration.ofSeconds(61));

    // Then
    ReceivedEvent request = neighbours.awaitRequest(ada, bob);
    assertThat(request.data().get("reason").asText()).isEqualTo("waited_long");
  }

  @Test
  void shouldNotPairTwoAgentsOfOneOwner() {
    // Given
    Agent sister = Agent.ownedBy(ada.ownerId(), "Sister");
    neighbours.openEnvironment();
    neighbours.enter(ada);
    neighbours.enter(sister);
    awaitQueue(Set.of(ada, sister));

    // When
    clock.advance(Duration.ofMinutes(2));
    neighbours.enter(bob);

    // Then
    neighbours.awaitRequest(ada, bob);
    assertThat(neighbours.requests()).hasSize(1);
  }

  @Test
  void shouldLetSeveralReplicasPairEveryoneOnce() throws Exception {
    // Given: 20 agents that wait while the environment is closed
    List<Agent> agents =
        IntStream.range(0, 20).mapToObj(number -> Agent.named("Agent " + number)).toList();
    agents.forEach(neighbours::enter);
    awaitQueue(Set.copyOf(agents));
    neighbours.openEnvironment();

    // When: rounds at the same time, as many replicas would have them
    try (var replicas = Executors.newFixedThreadPool(4)) {
      Callable<Integer> round = () -> playRound.in(neighbours.environment);
      for (var done : replicas.invokeAll(Collections.nCopies(12, round))) {
        done.get();
      }
    }

    // Then
    awaitQueue(Set.of());
    await().atMost(LIMIT).untilAsserted(() -> assertThat(neighbours.requests()).hasSize(10));
    assertThat(
            neighbours.requests().stream().flatMap(request -> Neighbours.agents(request).stream()))
        .doesNotHaveDuplicates()
        .hasSize(20);
  }

  @Test
  void shouldRefuseASecondOpenMatchInTheDatabase() {
    // Given
    neighbours.openEnvironment();
    neighbours.enter(ada);
    neighbours.enter(bob);
    UUID match = UUID.fromString(neighbours.awaitRequest(ada, bob).key());

    // When, Then: whatever the code does, the index holds the rule
    assertThatThrownBy(
            () ->
                QuarkusTransaction.requiringNew()
                    .run(
                        () ->
                            pairings
                                .getEntityManager()
                                .createNativeQuery(
                                    "insert into pairing_seat select match_id, seat + 2, agent_id,"
                                        + " submission_id, rating, requested_at, open"
                                        + " from pairing_seat where match_id = :match")
                                .setParameter("match", match)
                                .executeUpdate()))
        .rootCause()
        .hasMessageContaining("pairing_seat_one_open");
  }

  @Test
  void shouldPutBackAgentsThatWereForgotten() {
    // Given
    neighbours.enter(ada);
    awaitQueue(Set.of(ada));
    QuarkusTransaction.requiringNew().run(() -> queue.leave(List.of(ada.id())));

    // When
    int restored = QuarkusTransaction.requiringNew().call(queue::restore);

    // Then
    assertThat(restored).isPositive();
    awaitQueue(Set.of(ada));
  }

  /** The figure is printed, not asserted: it depends on the machine. */
  @Test
  void shouldAskForAMatchSoonAfterAnEntry() {
    neighbours.openEnvironment();
    List<Long> millis =
        Stream.generate(() -> List.of(Agent.named("One"), Agent.named("Two")))
            .limit(10)
            .map(
                pair -> {
                  neighbours.enter(pair.getFirst());
                  awaitQueue(Set.of(pair.getFirst()));
                  neighbours.changed(pair.getLast(), 1, true);
                  long start = System.nanoTime();
                  neighbours.activated(pair.getLast(), 1);
                  neighbours.awaitRequest(pair.getFirst(), pair.getLast());
                  return Duration.ofNanos(System.nanoTime() - start).toMillis();
                })
            .sorted()
            .toList();
    LOG.infof("Entry to match.requested in ms: %s, median %d", millis, millis.get(5));
    assertThat(millis).hasSize(10);
  }

  private void awaitQueue(Set<Agent> agents) {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(waiting())
                    .isEqualTo(agents.stream().map(Agent::id).collect(Collectors.toSet())));
  }

  private Set<UUID> waiting() {
    return QuarkusTransaction.requiringNew()
        .call(
            () ->
                queue.list("environmentId", neighbours.environment).stream()
                    .map(entry -> entry.agentId())
                    .collect(Collectors.toSet()));
  }

  private void awaitRatings() {
    await()
        .atMost(LIMIT)
        .until(
            () ->
                QuarkusTransaction.requiringNew()
                    .call(
                        () ->
                            !queue
                                .getEntityManager()
                                .createNativeQuery(
                                    "select elo from agent_rating where agent_id = :agent")
                                .setParameter("agent", ada.id())
                                .getResultList()
                                .isEmpty()));
  }

  private static long seed(ReceivedEvent request) {
    return request.data().get("seed").asLong();
  }
}
