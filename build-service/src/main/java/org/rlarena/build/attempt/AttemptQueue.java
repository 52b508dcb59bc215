package org.rlarena.build.attempt;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.rlarena.build.BuildConfig;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.builder.Builder;
import org.rlarena.build.scan.ScanRecords;
import org.rlarena.build.scan.Verdict;
import org.rlarena.outbox.Outbox;

/**
 * Every change of an attempt, each in one transaction with the event that tells of it. If the
 * process dies before a commit nothing has happened: the lease runs out and the attempt is run
 * again; after it the event goes out with the outbox's relay, whoever runs that.
 */
@ApplicationScoped
class AttemptQueue {

  private static final Logger LOG = Logger.getLogger(AttemptQueue.class);

  private final BuildAttempts attempts;
  private final ScanRecords scans;
  private final Outbox outbox;
  private final MeterRegistry meters;
  private final Clock clock;
  private final Duration leaseTime;
  private final BuildConfig.Faults bounds;

  AttemptQueue(
      BuildAttempts attempts,
      ScanRecords scans,
      Outbox outbox,
      MeterRegistry meters,
      Clock clock,
      BuildConfig config) {
    this.attempts = attempts;
    this.scans = scans;
    this.outbox = outbox;
    this.meters = meters;
    this.clock = clock;
    this.leaseTime = config.lease();
    this.bounds = config.faults();
  }

  /**
   * A build was asked for. An attempt that is known, or lower than a known one, changes nothing; a
   * higher one takes the place of those that have not ended.
   */
  @Transactional
  void enqueue(SubmissionCreated created) {
    List<BuildAttempt> known = attempts.locked(created.submissionId());
    if (!known.isEmpty() && known.getFirst().attempt >= created.attempt()) {
      return;
    }
    Instant now = clock.instant();
    for (BuildAttempt older : known) {
      if (!older.state.isFinal()) {
        older.supersede(now);
        attempts.revoke(older.id);
      }
    }
    attempts.persist(BuildAttempt.requested(created, now));
    LOG.infof(
        "Build requested, submissionId=%s attempt=%d", created.submissionId(), created.attempt());
  }

  /** Takes the oldest attempt that waits, if there is one. */
  @Transactional
  Optional<LeasedAttempt> take() {
    Lease candidate = new Lease(null, UUID.randomUUID());
    return attempts
        .take(candidate.token(), leaseTime)
        .map(attempt -> attempt.leased(new Lease(attempt.id, candidate.token())));
  }

  /** Lengthens a lease; false if it is no longer held. */
  @Transactional
  boolean renew(Lease lease) {
    return attempts.renew(lease, leaseTime);
  }

  /** Fails an attempt whose runs take their workers down again and again; true if it did. */
  @Transactional
  boolean failIfDeadly(Lease lease) {
    BuildAttempt attempt = attempts.held(lease);
    if (attempt.lostRuns < bounds.lostRuns()) {
      return false;
    }
    end(
        lease,
        attempt,
        new BuildFailed(
            FailureReason.PLATFORM_FAULT,
            "The build was broken off %d times and is given up. Ask for a rebuild later."
                .formatted(attempt.lostRuns)));
    return true;
  }

  /**
   * @throws LeaseLost if the lease is no longer held
   */
  @Transactional
  void begin(Lease lease, Step step) {
    outbox.add(attempts.held(lease).begin(step, clock.instant()).event());
  }

  /**
   * @throws LeaseLost if the lease is no longer held
   */
  @Transactional
  void keep(Lease lease, Builder.Built built) {
    attempts.held(lease).keep(built);
  }

  /**
   * @throws LeaseLost if the lease is no longer held
   */
  @Transactional
  void markSigned(Lease lease, String digest) {
    attempts.held(lease).markSigned(digest);
  }

  /**
   * @throws LeaseLost if the lease is no longer held
   */
  @Transactional
  void recordScan(Lease lease, Verdict verdict) {
    Instant now = clock.instant();
    attempts.held(lease).markScanned(verdict.status(), now);
    scans.put(lease.attemptId(), verdict, now);
  }

  /**
   * @throws LeaseLost if the lease is no longer held
   */
  @Transactional
  void succeed(Lease lease, Verdict verdict) {
    BuildAttempt attempt = attempts.held(lease);
    outbox.add(attempt.succeed(verdict, clock.instant()).event());
    attempts.release(lease, Duration.ZERO);
    measure(attempt, "succeeded");
    LOG.infof("Build succeeded, submissionId=%s attempt=%d", attempt.submissionId, attempt.attempt);
  }

  /**
   * @throws LeaseLost if the lease is no longer held
   */
  @Transactional
  void fail(Lease lease, BuildFailed failure) {
    end(lease, attempts.held(lease), failure);
  }

  /**
   * A run ended by a fault of the platform: the attempt waits a while, or is given up once there
   * were too many over too long a time.
   *
   * @return the wait; empty if the attempt was given up
   * @throws LeaseLost if the lease is no longer held
   */
  @Transactional
  Optional<Duration> postpone(Lease lease, PlatformFault fault) {
    BuildAttempt attempt = attempts.held(lease);
    Instant now = clock.instant();
    attempt.countFault(now);
    Duration since = Duration.between(attempt.firstFaultAt, now);
    if (attempt.faults >= bounds.tries() && since.compareTo(bounds.period()) >= 0) {
      end(
          lease,
          attempt,
          new BuildFailed(
              FailureReason.PLATFORM_FAULT,
              "The platform could not build this version: %s This is not your fault; ask for a"
                      .formatted(fault.getMessage())
                  + " rebuild later."));
      return Optional.empty();
    }
    Duration pause = backoff(attempt.faults);
    attempts.release(lease, pause);
    return Optional.of(pause);
  }

  /** Gives an attempt back untouched, for any worker to take. */
  @Transactional
  void giveBack(Lease lease) {
    attempts.release(lease, Duration.ZERO);
  }

  private void end(Lease lease, BuildAttempt attempt, BuildFailed failure) {
    outbox.add(attempt.fail(failure, clock.instant()).event());
    attempts.release(lease, Duration.ZERO);
    measure(attempt, failure.reason().wireName());
    LOG.infof(
        "Build failed, submissionId=%s attempt=%d reason=%s",
        attempt.submissionId, attempt.attempt, failure.reason().wireName());
  }

  /** In the transaction of the end: one that is rolled back and tried again is counted twice. */
  private void measure(BuildAttempt attempt, String outcome) {
    Timer.builder("arena.builds")
        .description("From the request of a build to its end")
        .tag("outcome", outcome)
        .serviceLevelObjectives(
            Duration.ofSeconds(5), Duration.ofSeconds(60), Duration.ofMinutes(5))
        .register(meters)
        .record(Duration.between(attempt.createdAt, attempt.finishedAt));
  }

  private Duration backoff(int faults) {
    Duration pause = bounds.backoff().multipliedBy(1L << Math.min(faults - 1, 16));
    return pause.compareTo(bounds.maxBackoff()) < 0 ? pause : bounds.maxBackoff();
  }
}
