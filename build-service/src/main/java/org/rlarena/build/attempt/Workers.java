package org.rlarena.build.attempt;

import io.opentelemetry.api.trace.SpanKind;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.RunControl;
import org.rlarena.build.builder.Builder;
import org.rlarena.build.log.BuildLog;
import org.rlarena.build.log.BuildLogs;
import org.rlarena.outbox.SchemaMigration;
import org.rlarena.telemetry.Work;

/**
 * The threads that run builds. A worker takes an attempt under a lease, runs it, and takes the
 * next; idle ones sleep until {@link #wake()} or the poll interval. Platform threads on purpose: a
 * sandbox dies with the thread that started it, and a virtual thread's carrier may end at any time.
 */
@ApplicationScoped
class Workers {

  private static final Logger LOG = Logger.getLogger(Workers.class);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final AttemptQueue queue;
  private final AttemptRun runs;
  private final BuildLogs logs;
  private final Instance<Builder> builder;
  private final SchemaMigration schema;
  private final BuildConfig config;
  private final Work work;
  private final Semaphore bell = new Semaphore(0);
  private final List<Thread> threads = new ArrayList<>();
  private final Set<ActiveRun> active = ConcurrentHashMap.newKeySet();
  private volatile boolean stopping;

  Workers(
      AttemptQueue queue,
      AttemptRun runs,
      BuildLogs logs,
      Instance<Builder> builder,
      SchemaMigration schema,
      BuildConfig config,
      Work work) {
    this.queue = queue;
    this.runs = runs;
    this.logs = logs;
    this.builder = builder;
    this.schema = schema;
    this.config = config;
    this.work = work;
  }

  /** A run in progress, kept alive by {@link LeaseKeeper}. */
  record ActiveRun(Lease lease, RunControl control, BuildLog log) {}

  void start(@Observes StartupEvent event) {
    for (int i = 1; i <= config.workers(); i++) {
      threads.add(Thread.ofPlatform().name("build-worker-" + i).daemon().start(this::work));
    }
  }

  /** Lets running builds stop and gives them back, so that another replica goes on at once. */
  void stop(@Observes ShutdownEvent event) {
    stopping = true;
    active.forEach(run -> run.control().stop());
    bell.release(threads.size());
    long end = System.nanoTime() + STOP_LIMIT.toNanos();
    for (Thread thread : threads) {
      try {
        thread.join(Duration.ofNanos(Math.max(1, end - System.nanoTime())));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** There may be something to do: an idle worker looks at once. */
  void wake() {
    bell.release();
  }

  Set<ActiveRun> active() {
    return active;
  }

  private void work() {
    Duration pause = config.pollInterval();
    while (!stopping) {
      try {
        if (!builder.get().probe()) {
          pause = LONGEST_PAUSE;
        } else if (schema.isReady() && takeAndRun()) {
          continue;
        } else {
          pause = config.pollInterval();
        }
      } catch (LeaseLost lost) {
        LOG.infof("Run dropped: %s", lost.getMessage());
        continue;
      } catch (RuntimeException e) {
        // most likely the database; the lease of a run that broke off here runs out by itself
        LOG.warnf("A worker could not go on and tries again: %s", e);
        LOG.debug("Worker failed", e);
        pause = longer(pause);
      }
      sleep(pause);
    }
  }

  private boolean takeAndRun() {
    Optional<LeasedAttempt> taken = queue.take();
    if (taken.isEmpty()) {
      return false;
    }
    LeasedAttempt attempt = taken.get();
    RunControl control = new RunControl(config.timeout());
    BuildLog log = logs.open(logKey(attempt), builder.get().hidden());
    ActiveRun run = new ActiveRun(attempt.lease(), control, log);
    active.add(run);
    try {
      if (stopping) {
        control.stop();
      }
      work.run(
          "build",
          SpanKind.CONSUMER,
          attempt.traceparent(),
          Map.of(
              "submissionId", attempt.submissionId().toString(),
              "attemptId", attempt.lease().attemptId().toString()),
          () -> runs.run(attempt, log, control));
    } finally {
      active.remove(run);
    }
    return true;
  }

  private static BuildLogs.Writer logKey(LeasedAttempt attempt) {
    Lease lease = attempt.lease();
    return new BuildLogs.Writer(
        attempt.submissionId(), attempt.number(), lease.attemptId(), lease.token());
  }

  private void sleep(Duration pause) {
    try {
      bell.tryAcquire(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopping = true;
    }
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }
}
