package org.rlarena.build.attempt;

import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/**
 * Keeps this process's runs alive: renews their leases, stops those that have lost theirs, and
 * sends their logs to the store. Skipped while the last turn still waits for the database.
 */
@ApplicationScoped
class LeaseKeeper {

  private static final Logger LOG = Logger.getLogger(LeaseKeeper.class);

  private final Workers workers;
  private final AttemptQueue queue;

  LeaseKeeper(Workers workers, AttemptQueue queue) {
    this.workers = workers;
    this.queue = queue;
  }

  @Scheduled(every = "${arena.build.heartbeat:5s}", concurrentExecution = ConcurrentExecution.SKIP)
  void renew() {
    for (Workers.ActiveRun run : workers.active()) {
      try {
        if (!queue.renew(run.lease())) {
          LOG.infof("Lease lost, attemptId=%s", run.lease().attemptId());
          run.control().stop();
        }
      } catch (RuntimeException e) {
        // the run goes on: its next write shows whether it still holds the lease
        LOG.warnf("Lease not renewed, attemptId=%s: %s", run.lease().attemptId(), e);
      }
    }
  }

  @Scheduled(every = "1s", concurrentExecution = ConcurrentExecution.SKIP)
  void flushLogs() {
    for (Workers.ActiveRun run : workers.active()) {
      try {
        run.log().flush();
      } catch (RuntimeException e) {
        LOG.debugf("Log not stored yet, attemptId=%s: %s", run.lease().attemptId(), e);
      }
    }
  }
}
