package org.rlarena.match.play;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.rlarena.match.MatchConfig;
import org.rlarena.match.matches.Failure;
import org.rlarena.match.matches.Match;
import org.rlarena.match.matches.MatchPublisher;
import org.rlarena.match.matches.Matches;
import org.rlarena.outbox.SchemaMigration;

/**
 * Ends what would otherwise last for ever, from the start on and every two seconds: attempts whose
 * worker is lost or whose time is up, and waiting matches that have waited too long or whose agent
 * was deleted just while they were made. Several replicas may do this at once.
 */
@ApplicationScoped
class Reconciler {

  private static final Logger LOG = Logger.getLogger(Reconciler.class);

  private final Matches matches;
  private final Settlement settlement;
  private final MatchPublisher publisher;
  private final SchemaMigration schema;
  private final Clock clock;
  private final Duration pendingLimit;

  Reconciler(
      Matches matches,
      Settlement settlement,
      MatchPublisher publisher,
      SchemaMigration schema,
      Clock clock,
      MatchConfig config) {
    this.matches = matches;
    this.settlement = settlement;
    this.publisher = publisher;
    this.schema = schema;
    this.clock = clock;
    this.pendingLimit = config.pendingLimit();
  }

  @Scheduled(every = "2s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  void reconcile() {
    if (!schema.isReady()) {
      return;
    }
    try {
      for (UUID id : overdue()) {
        settlement.reclaim(id);
      }
      QuarkusTransaction.requiringNew().run(this::cancel);
    } catch (RuntimeException e) {
      LOG.warnf("Matches could not be reconciled, trying again: %s", e.getMessage());
    }
  }

  private List<UUID> overdue() {
    return QuarkusTransaction.requiringNew().call(() -> matches.overdue(clock.instant()));
  }

  private void cancel() {
    Instant now = clock.instant();
    cancel(matches.pendingWithDeletedAgent(), Failure.AGENT_DELETED, now);
    cancel(matches.pendingSince(now.minus(pendingLimit)), Failure.WAITED_TOO_LONG, now);
  }

  private void cancel(List<Match> waiting, Failure why, Instant now) {
    for (Match match : waiting) {
      match.cancel(why, now);
      publisher.over(match);
    }
  }
}
