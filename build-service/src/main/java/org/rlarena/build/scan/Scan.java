package org.rlarena.build.scan;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import java.time.Clock;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;

/**
 * Scans a bundle, or the image of the same, and judges what was found. Without a scanner, or
 * without a report that can be trusted, the outcome says just that; whether such a build may go on
 * is the operator's choice.
 */
@ApplicationScoped
public class Scan {

  private static final Logger LOG = Logger.getLogger(Scan.class);

  private final ScanConfig config;
  private final Instance<Scanner> scanner;
  private final ScanPolicy policy;
  private final MeterRegistry meters;
  private final Clock clock;

  Scan(ScanConfig config, Instance<Scanner> scanner, MeterRegistry meters, Clock clock) {
    this.config = config;
    this.scanner = scanner;
    this.policy = new ScanPolicy(config);
    this.meters = meters;
    this.clock = clock;
  }

  /**
   * Made at the start, so that a setting that is wrong stops the service and not the first scan.
   */
  void start(@Observes StartupEvent event) {
    if (isOn()) {
      LOG.infof("Builds are scanned by %s", config.scanner().program());
    }
  }

  /** Whether something is to scan at all. */
  public boolean isOn() {
    return config.scanner() != ScannerKind.NONE;
  }

  /**
   * @param occasion {@code build} or {@code rescan}, for the metrics
   * @throws org.rlarena.build.RunStopped if the run was stopped meanwhile
   */
  public Verdict run(Scanner.Target target, String occasion, RunControl control) {
    if (!isOn()) {
      return Verdict.unavailable("There is no scanner here.");
    }
    Verdict verdict = verdict(target, control);
    meters
        .counter("arena.scans", "outcome", verdict.status().wireName(), "occasion", occasion)
        .increment();
    if (!verdict.status().isVerdict()) {
      LOG.warnf(
          "Scan gave no verdict, submissionId=%s occasion=%s: %s",
          target.submissionId(), occasion, verdict.reason());
    }
    return verdict;
  }

  private Verdict verdict(Scanner.Target target, RunControl control) {
    Optional<String> problem = scanner.get().problem(target);
    if (problem.isPresent()) {
      return Verdict.unavailable(problem.get());
    }
    try {
      Scanner.Printed printed = scanner.get().scan(target, control);
      Origins origins = printed.ofImage() ? Origins.IMAGE : Origins.BUNDLE;
      return policy.judge(
          config.scanner().parse(printed.text(), origins), origins, clock.instant());
    } catch (ScanFailed e) {
      LOG.debug("Scan failed", e);
      return Verdict.failed(e.getMessage());
    } catch (BuildFailed late) {
      // the only one left is the run's own deadline, which is no fault of the author's here
      return Verdict.failed("The scan did not end in time.");
    }
  }

  /**
   * @throws BuildFailed with {@code blocked_by_scan} if such a bundle may not be played
   * @throws PlatformFault if it may not be played without a verdict, and a later scan may give one
   */
  public void judge(Verdict verdict) {
    switch (verdict.status()) {
      case PASSED -> {}
      case BLOCKED ->
          throw new BuildFailed(
              FailureReason.BLOCKED_BY_SCAN,
              verdict.reason() + " Ask for versions without it in requirements.txt.");
      case UNAVAILABLE, FAILED -> {
        if (config.unavailable().blocks() && isOn()) {
          throw new PlatformFault("Only scanned submissions may play. " + verdict.reason());
        }
        if (config.unavailable().blocks()) {
          throw new BuildFailed(
              FailureReason.BLOCKED_BY_SCAN,
              "No security scanner is available, and here only scanned submissions may play. Ask"
                  + " for a rebuild later.");
        }
      }
    }
  }
}
