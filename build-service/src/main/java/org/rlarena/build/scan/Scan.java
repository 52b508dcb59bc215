package org.rlarena.build.scan;

import jakarta.enterprise.context.ApplicationScoped;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.log.BuildLog;

/**
 * The scan of a local build: no scanner is at hand, which is recorded as such and never as passed.
 * Whether the build may go on is the operator's choice.
 */
@ApplicationScoped
public class Scan {

  private final BuildConfig.Unavailable policy;

  Scan(BuildConfig config) {
    this.policy = config.scan().unavailable();
  }

  /** The status to record. */
  public ScanStatus run(BuildLog log) {
    log.note("Scan: unavailable, there is no scanner here.");
    return ScanStatus.UNAVAILABLE;
  }

  /**
   * @throws BuildFailed with {@code blocked_by_scan} if such a bundle may not be played
   */
  public void judge(ScanStatus status) {
    if (status == ScanStatus.UNAVAILABLE && policy == BuildConfig.Unavailable.FAIL) {
      throw new BuildFailed(
          FailureReason.BLOCKED_BY_SCAN,
          "No security scanner is available, and here only scanned submissions may play. Ask for a"
              + " rebuild later.");
    }
  }
}
