package org.rlarena.match.play;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agroal.api.AgroalDataSource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;
import org.rlarena.match.matches.CreateMatch;
import org.rlarena.match.matches.Failure;
import org.rlarena.match.matches.MatchKind;
import org.rlarena.match.matches.MatchResult;
import org.rlarena.match.matches.MatchResult.Game;
import org.rlarena.match.matches.MatchResult.SeatResult;
import org.rlarena.match.matches.NewMatch;
import org.rlarena.match.matches.Outcome;
import org.rlarena.match.matches.Seat;
import org.rlarena.match.matches.StaleAttempt;
import org.rlarena.match.testing.ServiceTest;

/** Leases and settlements by two replicas at once, on a real database. No executor takes part. */
@QuarkusTest
class LeasesIT extends ServiceTest {

  // No executor plays it, so the service under test leaves these matches alone.
  private static final String ENVIRONMENT = "lease-test";

  @Inject Leases leases;
  @Inject Settlement settlement;
  @Inject CreateMatch createMatch;
  @Inject AgroalDataSource dataSource;

  @Test
  void shouldLeaseEveryMatchOnceToTwoReplicasAndKeepWithinCapacity() throws Exception {
    // Given
    for (int i = 0; i < 40; i++) {
      waitingMatch();
    }
    Place place = new Place("a:1", 30, Set.of(ENVIRONMENT));
    // When
    ConcurrentLinkedQueue<Assignment> leased = new ConcurrentLinkedQueue<>();
    inParallel(
        6,
        replica -> {
          Optional<Assignment> next = leases.next("replica-" + replica % 2, place, List.of(place));
          while (next.isPresent()) {
            leased.add(next.get());
            // As replicas do: leases are short here, and this may take a while.
            leases.renew(leased.stream().map(Assignment::attemptId).toList());
            next = leases.next("replica-" + replica % 2, place, List.of(place));
          }
        });
    // Then
    assertThat(leased).hasSize(30);
    assertThat(leased.stream().map(Assignment::matchId).distinct()).hasSize(30);
    assertThat(leased.stream().map(Assignment::attemptId).distinct()).hasSize(30);
    assertThat(count("select count(*) from match where state = 'running'")).isEqualTo(30);
  }

  @Test
  void shouldTakeOneOfManyResultsThatComeAtOnce() throws Exception {
    // Given
    UUID id = waitingMatch();
    Place place = new Place("a:1", 1, Set.of(ENVIRONMENT));
    Assignment assignment = leases.next("replica", place, List.of(place)).orElseThrow();
    // When
    ConcurrentLinkedQueue<String> accepted = new ConcurrentLinkedQueue<>();
    inParallel(
        8,
        worker -> {
          try {
            settlement.settle(id, assignment.attemptId(), played(assignment));
            accepted.add("accepted");
          } catch (StaleAttempt e) {
            accepted.add("refused");
          }
        });
    // Then
    assertThat(accepted.stream().filter(a -> a.equals("accepted"))).hasSize(1);
    assertThat(accepted).hasSize(8);
    events.await("match.finished", e -> e.key().equals(id.toString()));
    assertThat(events.on("match.finished").stream().filter(e -> e.key().equals(id.toString())))
        .hasSize(1);
  }

  @Test
  void shouldRefuseEverythingOfZombieAfterReclaim() {
    // Given
    UUID id = waitingMatch();
    Place place = new Place("a:1", 1, Set.of(ENVIRONMENT));
    Assignment zombie = leases.next("dead", place, List.of(place)).orElseThrow();
    sql("update match set lease_until = now() - interval '1 second'");
    // When
    settlement.reclaim(id);
    settlement.reclaim(id);
    Assignment heir = leases.next("alive", place, List.of(place)).orElseThrow();
    // Then
    assertThat(heir.matchId()).isEqualTo(id);
    assertThat(heir.seed()).isEqualTo(zombie.seed());
    for (PlayOutcome late : List.of(played(zombie), new PlayOutcome.NotTaken("it woke up"))) {
      assertThatThrownBy(() -> settlement.settle(id, zombie.attemptId(), late))
          .isInstanceOf(StaleAttempt.class);
    }
    assertThat(leases.renew(List.of(zombie.attemptId(), heir.attemptId())))
        .containsExactly(heir.attemptId());
    settlement.settle(id, heir.attemptId(), played(heir));
    awaitStatus(id, "completed");
    assertThat(count("select count(*) from match_attempt where ending = 'lost'")).isEqualTo(1);
    assertThat(count("select count(*) from match_attempt where ending = 'played'")).isEqualTo(1);
  }

  @Test
  void shouldReclaimOthersWhileSomebodyHoldsOne() throws Exception {
    // Given
    UUID held = waitingMatch();
    UUID free = waitingMatch();
    Place place = new Place("a:1", 2, Set.of(ENVIRONMENT));
    leases.next("dead", place, List.of(place)).orElseThrow();
    leases.next("dead", place, List.of(place)).orElseThrow();
    try (Connection frozen = dataSource.getConnection();
        Statement statement = frozen.createStatement()) {
      frozen.setAutoCommit(false);
      statement.execute("select 1 from match where id = '%s' for update".formatted(held));
      // When
      sql(
          "update match set lease_until = now() - interval '1 second' where id = '%s'"
              .formatted(free));
      settlement.reclaim(held);
      settlement.reclaim(free);
      // Then
      awaitStatus(free, "pending");
      frozen.rollback();
      frozen.setAutoCommit(true);
    }
    sql("update match set lease_until = now() - interval '1 second'");
    awaitStatus(held, "pending");
  }

  @Test
  void shouldNotLetAProcessThatIsFrozenInATransactionKeepItsLocks() throws Exception {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement();
        ResultSet limit = statement.executeQuery("show idle_in_transaction_session_timeout")) {
      limit.next();
      assertThat(limit.getString(1)).isEqualTo("1min");
    }
  }

  @Test
  void shouldNotRenewAttemptsThatAreOutOfTime() {
    // Given
    waitingMatch();
    Place place = new Place("a:1", 1, Set.of(ENVIRONMENT));
    Assignment late = leases.next("replica", place, List.of(place)).orElseThrow();
    // When
    sql("update match set attempt_deadline = now() - interval '1 second'");
    // Then
    assertThat(leases.renew(List.of(late.attemptId()))).isEmpty();
  }

  @Test
  void shouldPreferAnotherExecutorAfterFault() {
    // Given
    UUID id = waitingMatch();
    Place first = new Place("a:1", 1, Set.of(ENVIRONMENT));
    Place second = new Place("b:1", 1, Set.of(ENVIRONMENT));
    List<Place> both = List.of(first, second);
    Assignment failed = leases.next("replica", first, both).orElseThrow();
    settlement.settle(
        id,
        failed.attemptId(),
        new PlayOutcome.Faulty(new Failure("executor_failed", "It failed.")));
    sql("update match set not_before = now() - interval '1 second'");
    // Then
    assertThat(leases.next("replica", first, both)).isEmpty();
    assertThat(leases.next("replica", second, both)).isPresent();
  }

  @Test
  void shouldLeaseOnlyWhatThePlacePlays() {
    waitingMatch();
    Place other = new Place("a:1", 1, Set.of("chess"));
    Place none = new Place("b:1", 1, Set.of());
    assertThat(leases.next("replica", other, List.of(other, none))).isEmpty();
    assertThat(leases.next("replica", none, List.of(other, none))).isEmpty();
  }

  private UUID waitingMatch() {
    NewMatch wanted =
        new NewMatch(
            UUID.randomUUID(),
            MatchKind.LADDER,
            true,
            ENVIRONMENT,
            "1",
            4711,
            "close_rating",
            null,
            List.of(seat(), seat()));
    QuarkusTransaction.requiringNew().run(() -> createMatch.create(wanted));
    return wanted.id();
  }

  private static Seat seat() {
    return new Seat(
        UUID.randomUUID(), "agent", UUID.randomUUID(), UUID.randomUUID(), 1, bundle(), null);
  }

  private static PlayOutcome.Played played(Assignment assignment) {
    UUID first = assignment.players().get(0).agentId();
    UUID second = assignment.players().get(1).agentId();
    return new PlayOutcome.Played(
        new MatchResult(
            new Game(Outcome.WIN, first, "1", assignment.seed(), 10, 5),
            List.of(new SeatResult(first, 1, 1, "none"), new SeatResult(second, -1, 2, "none")),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()),
        Optional.empty(),
        "",
        "");
  }

  private static void inParallel(int workers, IntConsumer work) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(workers)) {
      List<Future<?>> done = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        int worker = i;
        done.add(threads.submit(() -> work.accept(worker)));
      }
      for (Future<?> one : done) {
        one.get();
      }
    }
  }
}
