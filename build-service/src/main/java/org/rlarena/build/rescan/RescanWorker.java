package org.rlarena.build.rescan;

import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.quarkus.scheduler.Scheduler;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;
import org.rlarena.build.RunStopped;
import org.rlarena.build.scan.Scan;
import org.rlarena.build.scan.ScanConfig;
import org.rlarena.build.scan.Scanner;
import org.rlarena.outbox.SchemaMigration;

/** Scans versions anew, one at a time over all replicas. Where nothing scans it does not start. */
@ApplicationScoped
class RescanWorker {

  private static final Logger LOG = Logger.getLogger(RescanWorker.class);

  private final Rescans rescans;
  private final Scan scan;
  private final ScanConfig config;
  private final BuildConfig build;
  private final SchemaMigration schema;
  private final Scheduler scheduler;
  private volatile RunControl running;
  private volatile boolean stopping;

  RescanWorker(
      Rescans rescans,
      Scan scan,
      ScanConfig config,
      BuildConfig build,
      SchemaMigration schema,
      Scheduler scheduler) {
    this.rescans = rescans;
    this.scan = scan;
    this.config = config;
    this.build = build;
    this.schema = schema;
    this.scheduler = scheduler;
  }

  void start(@Observes StartupEvent event) {
    if (!scan.isOn() || config.rescan().interval().isZero() || build.workers() == 0) {
      return;
    }
    scheduler
        .newJob("rescans")
        .setInterval(config.rescan().pollInterval().toString())
        .setConcurrentExecution(ConcurrentExecution.SKIP)
        .setTask(execution -> work())
        .schedule();
  }

  void stop(@Observes ShutdownEvent event) {
    stopping = true;
    RunControl run = running;
    if (run != null) {
      run.stop();
    }
  }

  private void work() {
    try {
      boolean found = schema.isReady();
      while (found && !stopping) {
        Optional<PlayingBuilds.Leased> leased = rescans.take();
        leased.ifPresent(this::scan);
        found = leased.isPresent();
      }
    } catch (PlatformFault e) {
      LOG.warnf("Scanning anew waits: %s", e.getMessage());
    } catch (RuntimeException e) {
      LOG.warnf("Scanning anew waits: %s", e);
    }
  }

  private void scan(PlayingBuilds.Leased leased) {
    // the scanner's own limit comes first
    RunControl control = new RunControl(config.timeout().plusSeconds(30));
    running = control;
    try {
      if (stopping) {
        control.stop();
      }
      Scanner.Target target =
          new Scanner.Target(
              leased.token(),
              leased.submissionId(),
              leased.agentId(),
              leased.bundle(),
              leased.imageDigest());
      rescans.finish(leased, scan.run(target, "rescan", control));
    } catch (RunStopped e) {
      rescans.giveBack(leased);
    } finally {
      running = null;
    }
  }
}
