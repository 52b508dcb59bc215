package org.rlarena.matchmaking.round;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jboss.logging.Logger;
import org.rlarena.matchmaking.queue.RoundDue;
import org.rlarena.outbox.SchemaMigration;

/**
 * Decides when rounds take place: at once when an agent enters the queue or an environment opens,
 * when a window widens or a rest ends, and regularly, whatever was missed.
 *
 * <p>One thread plays them, so that many entries at once become few rounds; replicas take turns in
 * {@link PlayRound}. A round that fails is made up for by the next look.
 */
@ApplicationScoped
class Rounds {

  private static final Logger LOG = Logger.getLogger(Rounds.class);

  private final PlayRound playRound;
  private final Upkeep upkeep;
  private final SchemaMigration schema;
  private final Set<String> due = ConcurrentHashMap.newKeySet();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("rounds").factory());
  private volatile boolean failing;

  Rounds(PlayRound playRound, Upkeep upkeep, SchemaMigration schema) {
    this.playRound = playRound;
    this.upkeep = upkeep;
    this.schema = schema;
  }

  void on(@Observes(during = TransactionPhase.AFTER_SUCCESS) RoundDue round) {
    request(round.environmentId());
  }

  @Scheduled(
      every = "{arena.matchmaking.look-interval}",
      concurrentExecution = ConcurrentExecution.SKIP)
  void look() {
    guarded(() -> upkeep.environmentsToLookAt().forEach(this::request));
  }

  @Scheduled(
      every = "{arena.matchmaking.round-interval}",
      concurrentExecution = ConcurrentExecution.SKIP)
  void playEverywhere() {
    guarded(
        () -> {
          int restored = upkeep.restoreForgotten();
          if (restored > 0) {
            LOG.warnf("%d agents that could play were missing from the queue", restored);
          }
          upkeep.environmentsToPair().forEach(this::request);
        });
  }

  /** Lets the current round end; what it leaves is found by the next process. */
  void stop(@Observes ShutdownEvent event) {
    thread.close();
  }

  /** Has a round played soon; requests that come before it starts are one. */
  private void request(String environmentId) {
    if (due.add(environmentId) && !thread.isShutdown()) {
      thread.execute(() -> play(environmentId));
    }
  }

  private void play(String environmentId) {
    // first of all: what changes from now on deserves another round
    due.remove(environmentId);
    guarded(
        () -> {
          int pairs = playRound.in(environmentId);
          if (pairs > 0) {
            LOG.infof("Asked for %d matches in %s", pairs, environmentId);
          }
        });
  }

  /** The database may be away: say so once, and go on with the next look. */
  private void guarded(Runnable work) {
    if (!schema.isReady() || thread.isShutdown()) {
      return;
    }
    try {
      work.run();
      if (failing) {
        failing = false;
        LOG.info("Rounds take place again");
      }
    } catch (RuntimeException e) {
      if (!failing) {
        failing = true;
        LOG.error("A round could not take place; trying again", e);
      }
    }
  }
}
