package org.rlarena.match.matches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlarena.match.matches.MatchFixture.NOON;
import static org.rlarena.match.matches.MatchFixture.firstWins;
import static org.rlarena.match.matches.MatchFixture.waitingMatch;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * The lease protocol against a model: workers of two replicas lease, renew, die, come back as
 * zombies and bring results, faults and give-backs in any order, while leases are reclaimed and
 * time passes.
 */
class LeaseProtocolTest {

  private static final int FAULT_LIMIT = 3;
  private static final int LOSS_LIMIT = 10;
  private static final Failure FAULT = new Failure("executor_failed", "It failed.");

  enum Step {
    LEASE_ON_FIRST_REPLICA,
    LEASE_ON_SECOND_REPLICA,
    RESULT_OF_SOME_ATTEMPT,
    FAULT_OF_SOME_ATTEMPT,
    GIVE_BACK_OF_SOME_ATTEMPT,
    RECLAIM,
    CANCEL,
    TIME_PASSES
  }

  /** One thing that happens; {@code which} picks among all attempts ever made, zombies included. */
  record Event(Step step, int which) {}

  @Property(tries = 2000)
  void shouldTakeOneResultOnlyAndOnlyFromTheHolder(
      @ForAll @Size(max = 60) List<Step> steps, @ForAll @IntRange(max = 1000) int salt) {
    Match match = waitingMatch();
    Model model = new Model();
    Instant now = NOON;
    for (int i = 0; i < steps.size(); i++) {
      now = now.plusMillis(10);
      boolean wasOver = match.isOver();
      MatchState before = match.state();
      boolean accepted = apply(match, model, new Event(steps.get(i), salt + i * 7), now);

      if (wasOver) {
        assertThat(accepted).as("nothing changes a match that is over").isFalse();
        assertThat(match.state()).isEqualTo(before);
      }
      assertThat(match.lease().isPresent()).isEqualTo(match.state() == MatchState.RUNNING);
      match.lease().ifPresent(held -> assertThat(held.attemptId()).isEqualTo(model.holder));
      assertThat(match.faults()).isEqualTo(model.faults).isLessThanOrEqualTo(FAULT_LIMIT);
      assertThat(match.state() == MatchState.COMPLETED).isEqualTo(model.results == 1);
      assertThat(model.results).isLessThanOrEqualTo(1);
      assertThat(match.participants())
          .as("an open rated match is marked, one that is over is not")
          .allMatch(p -> p.isOpenRated() == !match.isOver());
      if (model.faults == FAULT_LIMIT) {
        assertThat(match.state()).isEqualTo(MatchState.FAILED);
      }
    }
  }

  private static boolean apply(Match match, Model model, Event event, Instant now) {
    UUID attempt = model.some(event.which());
    try {
      switch (event.step()) {
        case LEASE_ON_FIRST_REPLICA, LEASE_ON_SECOND_REPLICA -> {
          UUID fresh = UUID.randomUUID();
          Instant later = now.isBefore(match.notBefore()) ? match.notBefore() : now;
          match.start(
              new Lease(
                  fresh,
                  event.step().name(),
                  "place",
                  later.plusSeconds(15),
                  later.plusSeconds(60)),
              later);
          assertThat(model.holder).as("no two hold it").isNull();
          model.attempts.add(fresh);
          model.holder = fresh;
        }
        case RESULT_OF_SOME_ATTEMPT -> {
          match.finish(attempt, firstWins(), now);
          assertThat(attempt).isEqualTo(model.holder);
          model.results++;
          model.holder = null;
        }
        case FAULT_OF_SOME_ATTEMPT -> {
          match.fault(attempt, FAULT, FAULT_LIMIT, Duration.ofSeconds(1), now);
          assertThat(attempt).isEqualTo(model.holder);
          model.faults++;
          model.holder = null;
        }
        case GIVE_BACK_OF_SOME_ATTEMPT -> {
          match.giveBack(attempt, now);
          assertThat(attempt).isEqualTo(model.holder);
          model.holder = null;
        }
        case RECLAIM -> {
          match.loseWorker(LOSS_LIMIT, now.plusSeconds(event.which() % 2 == 0 ? 0 : 200));
          model.holder = null;
        }
        case CANCEL -> {
          if (event.which() % 5 != 0) {
            return false;
          }
          match.cancel(Failure.AGENT_DELETED, now);
          assertThat(model.holder).as("a match that is played is not cancelled").isNull();
        }
        case TIME_PASSES -> {
          return false;
        }
      }
      return true;
    } catch (StaleAttempt | IllegalStateException refused) {
      return false;
    }
  }

  private static final class Model {
    private final List<UUID> attempts = new ArrayList<>(List.of(UUID.randomUUID()));
    private UUID holder;
    private int results;
    private int faults;

    /** Mostly the latest attempt, sometimes an old one. */
    UUID some(int which) {
      return which % 3 == 0 ? attempts.get(which % attempts.size()) : attempts.getLast();
    }
  }
}
