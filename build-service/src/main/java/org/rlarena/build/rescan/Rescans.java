package org.rlarena.build.rescan;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.log.BuildLogs;
import org.rlarena.build.scan.ScanConfig;
import org.rlarena.build.scan.ScanRecords;
import org.rlarena.build.scan.ScanStatus;
import org.rlarena.build.scan.Verdict;
import org.rlarena.outbox.Outbox;

/**
 * Every change that a new scan makes, each in one transaction with the event that tells of it. If
 * the process dies before the commit nothing has happened, and the version is scanned again once
 * the lease has run out.
 */
@ApplicationScoped
class Rescans {

  private static final Logger LOG = Logger.getLogger(Rescans.class);

  // no heartbeat: the lease is longer than a scan may take
  private static final Duration BEYOND_TIMEOUT = Duration.ofMinutes(1);

  private final PlayingBuilds playing;
  private final ScanRecords records;
  private final BuildLogs logs;
  private final Outbox outbox;
  private final Clock clock;
  private final ScanConfig.Rescan config;
  private final Duration lease;

  Rescans(
      PlayingBuilds playing,
      ScanRecords records,
      BuildLogs logs,
      Outbox outbox,
      Clock clock,
      ScanConfig config) {
    this.playing = playing;
    this.records = records;
    this.logs = logs;
    this.outbox = outbox;
    this.clock = clock;
    this.config = config.rescan();
    this.lease = config.timeout().plus(BEYOND_TIMEOUT);
  }

  @Transactional
  Optional<PlayingBuilds.Leased> take() {
    return playing.take(lease, config.interval());
  }

  /**
   * Keeps a verdict, and tells one that blocks. Without a verdict the last one stands: a scanner
   * that is away must not stop the league.
   */
  @Transactional
  void finish(PlayingBuilds.Leased leased, Verdict verdict) {
    boolean judged = verdict.status().isVerdict();
    int failures = judged ? 0 : leased.failures() + 1;
    if (!playing.release(leased, failures, judged ? config.interval() : backoff(failures))) {
      LOG.infof("Scan dropped, its lease is lost, submissionId=%s", leased.submissionId());
      return;
    }
    if (!judged) {
      return;
    }
    Instant now = clock.instant();
    records.put(leased.attemptId(), verdict, now);
    if (verdict.status() == ScanStatus.BLOCKED) {
      logs.add(
          leased.submissionId(), leased.attempt(), "Scanned again: blocked. " + verdict.reason());
      outbox.add(
          new RescanEvents.ScanBlocked(
                  leased.submissionId(),
                  leased.agentId(),
                  leased.attempt(),
                  message(verdict),
                  verdict.counts().orElse(null),
                  now)
              .event());
      LOG.warnf("A version that plays was blocked, submissionId=%s", leased.submissionId());
    }
  }

  /** Gives a version back untouched, to be scanned by the next. */
  @Transactional
  void giveBack(PlayingBuilds.Leased leased) {
    playing.release(leased, leased.failures(), Duration.ZERO);
  }

  private static String message(Verdict verdict) {
    // cut as the message of a build that is blocked
    return new BuildFailed(
            FailureReason.BLOCKED_BY_SCAN,
            verdict.reason() + " Ask for a rebuild, which takes newer packages, or upload again.")
        .getMessage();
  }

  private Duration backoff(int failures) {
    Duration pause = config.retry().multipliedBy(1L << Math.min(failures - 1, 16));
    return pause.compareTo(config.interval()) < 0 ? pause : config.interval();
  }
}
