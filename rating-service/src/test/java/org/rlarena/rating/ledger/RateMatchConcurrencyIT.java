package org.rlarena.rating.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.infra.testing.TestInfra;
import org.rlarena.outbox.SchemaMigration;
import org.rlarena.rating.Fixtures;
import org.rlarena.rating.ledger.MatchFinished.Participant;

/** Matches that finish at the same moment, on a real database. */
@QuarkusTest
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "rating_service"))
@WithTestResource(TestKeys.class)
class RateMatchConcurrencyIT {

  private static final int THREADS = 6;

  @Inject SchemaMigration schema;
  @Inject RateMatch rateMatch;
  @Inject Ratings ratings;
  @Inject Ledger ledger;
  @Inject LedgerVerification verification;

  private final String environment = Fixtures.environment();
  private final List<UUID> agents = Stream.generate(UUID::randomUUID).limit(5).toList();

  @BeforeEach
  void awaitSchema() {
    schema.await();
  }

  @Test
  void shouldCountEveryMatchOfAgentsThatFinishSeveralAtOnce() throws Exception {
    // Given: every pair of five agents, in both seat orders, six times
    var matches = new ArrayList<MatchFinished>();
    for (int repeat = 0; repeat < 6; repeat++) {
      for (UUID one : agents) {
        for (UUID two : agents) {
          if (!one.equals(two)) {
            matches.add(match(UUID.randomUUID(), one, two));
          }
        }
      }
    }

    // When
    rateAtOnce(matches);

    // Then: the sums are what the matches say, and the ledger explains every rating
    Map<UUID, Integer> wins = new HashMap<>();
    Map<UUID, Integer> changes = new HashMap<>();
    QuarkusTransaction.requiringNew()
        .run(
            () ->
                ledger.list("environmentId", environment).stream()
                    .flatMap(entry -> entry.changes.stream())
                    .forEach(
                        change -> {
                          changes.merge(change.agentId(), change.change(), Integer::sum);
                          wins.merge(change.agentId(), 2 - change.rank(), Integer::sum);
                        }));
    for (UUID agent : agents) {
      Rating rating = QuarkusTransaction.requiringNew().call(() -> ratings.findById(agent));
      assertThat(rating.games()).isEqualTo(48);
      assertThat(rating.wins).isEqualTo(24).isEqualTo(wins.get(agent));
      assertThat(rating.elo).isEqualTo(1200 + changes.get(agent));
    }
    var report = verification.verify();
    assertThat(report.differences()).isEmpty();
    assertThat(report.equal()).isTrue();
  }

  @Test
  void shouldRateAMatchOnceWhenItIsToldTwiceAtOnce() throws Exception {
    // Given
    MatchFinished match = match(UUID.randomUUID(), agents.get(0), agents.get(1));

    // When
    rateAtOnce(IntStream.range(0, THREADS).mapToObj(copy -> match).toList());

    // Then
    Rating rating = QuarkusTransaction.requiringNew().call(() -> ratings.findById(agents.get(0)));
    assertThat(rating.games()).isEqualTo(1);
    assertThat(rating.elo).isEqualTo(1220);
    assertThat(verification.verify().differences()).isEmpty();
  }

  private void rateAtOnce(List<MatchFinished> matches) throws Exception {
    try (var threads = Executors.newFixedThreadPool(THREADS)) {
      List<Callable<Object>> tasks =
          matches.stream()
              .map(
                  match ->
                      (Callable<Object>)
                          () -> {
                            QuarkusTransaction.requiringNew().run(() -> rateMatch.rate(match));
                            return match;
                          })
              .toList();
      for (Future<Object> task : threads.invokeAll(tasks)) {
        task.get();
      }
    }
  }

  private MatchFinished match(UUID id, UUID winner, UUID loser) {
    return new MatchFinished(
        id,
        environment,
        true,
        List.of(participant(winner, 1), participant(loser, 2)),
        Instant.parse("2026-11-23T10:00:00Z"));
  }

  private static Participant participant(UUID agent, int rank) {
    return new Participant(agent, UUID.randomUUID(), UUID.randomUUID(), 1, rank);
  }
}
