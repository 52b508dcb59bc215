package org.rlarena.build.cluster;

import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.quarkus.scheduler.Scheduler;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.scan.ScanConfig;
import org.rlarena.build.scan.ScannerKind;

/**
 * Starts what builds on a cluster need, at the start, so that a setting that is missing stops the
 * service and not the first build. Where builds are local nothing of it comes to be.
 */
@ApplicationScoped
class ClusterSchedule {

  private final BuildConfig build;
  private final ClusterConfig config;
  private final ScanConfig scan;
  private final Instance<ClusterBuilder> builder;
  private final Scheduler scheduler;

  ClusterSchedule(
      BuildConfig build,
      ClusterConfig config,
      ScanConfig scan,
      Instance<ClusterBuilder> builder,
      Scheduler scheduler) {
    this.build = build;
    this.config = config;
    this.scan = scan;
    this.builder = builder;
    this.scheduler = scheduler;
  }

  void start(@Observes StartupEvent event) {
    if (build.backend() != BuildConfig.Backend.KUBERNETES) {
      return;
    }
    if (!builder.isResolvable()) {
      throw new IllegalStateException("arena.build.backend must be local or kubernetes");
    }
    if (scan.scanner() != ScannerKind.NONE) {
      new ScanJobs(config, scan);
    }
    builder.get().probe();
    scheduler
        .newJob("build-jobs")
        .setInterval(config.sweepInterval().toSeconds() + "s")
        .setConcurrentExecution(ConcurrentExecution.SKIP)
        .setTask(execution -> builder.get().sweep())
        .schedule();
  }
}
