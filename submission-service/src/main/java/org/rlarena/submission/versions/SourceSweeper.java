package org.rlarena.submission.versions;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.rlarena.outbox.SchemaMigration;
import org.rlarena.submission.sources.SourceConfig;
import org.rlarena.submission.sources.SourceStore;
import org.rlarena.submission.sources.SourceStore.Candidate;

/**
 * Erases the uploads of deleted agents and whatever dying processes left in the store. Every step
 * repeats safely: a file is removed before its row says so, and a removed file is no error. Several
 * replicas may sweep at once.
 */
@ApplicationScoped
class SourceSweeper {

  private static final Logger LOG = Logger.getLogger(SourceSweeper.class);
  private static final int BATCH = 100;

  private final SchemaMigration schema;
  private final Submissions submissions;
  private final SourceStore store;
  private final Clock clock;
  private final Duration orphanAge;

  SourceSweeper(
      SchemaMigration schema,
      Submissions submissions,
      SourceStore store,
      Clock clock,
      SourceConfig config) {
    this.schema = schema;
    this.submissions = submissions;
    this.store = store;
    this.clock = clock;
    this.orphanAge = config.orphanAge();
  }

  @Scheduled(
      every = "${arena.submission.sweep-interval}",
      delayed = "30s",
      concurrentExecution = ConcurrentExecution.SKIP)
  void sweep() {
    if (!schema.isReady()) {
      return; // the next round will do
    }
    int erased = eraseDeleted();
    int swept = sweepLeftovers();
    if (erased + swept > 0) {
      LOG.infof("Sources erased for deleted agents: %d, leftovers removed: %d", erased, swept);
    }
  }

  /** Erases the uploads of deleted agents and returns how many there were. */
  int eraseDeleted() {
    int erased = 0;
    for (int batch = BATCH; batch == BATCH; erased += batch) {
      batch = QuarkusTransaction.requiringNew().call(this::eraseBatch);
    }
    return erased;
  }

  /** Removes unfinished uploads and stored ones without a row, and returns how many there were. */
  int sweepLeftovers() {
    Instant limit = clock.instant().minus(orphanAge);
    int removed = store.sweepIncoming(limit);
    List<Candidate> old = store.abandonedBefore(limit);
    for (int from = 0; from < old.size(); from += BATCH) {
      List<Candidate> batch = old.subList(from, Math.min(from + BATCH, old.size()));
      Set<UUID> known =
          Set.copyOf(
              QuarkusTransaction.requiringNew()
                  .call(
                      () ->
                          submissions.existing(
                              batch.stream()
                                  .map(Candidate::submissionId)
                                  .collect(Collectors.toSet()))));
      for (Candidate candidate : batch) {
        if (!known.contains(candidate.submissionId())) {
          store.erase(candidate.key());
          removed++;
        }
      }
    }
    return removed;
  }

  private int eraseBatch() {
    List<Submission> batch = submissions.toErase(BATCH);
    for (Submission submission : batch) {
      store.erase(submission.id(), submission.source().kind());
      submission.sourceErased(clock.instant());
    }
    return batch.size();
  }
}
