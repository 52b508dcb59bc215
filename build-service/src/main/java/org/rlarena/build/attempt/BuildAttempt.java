package org.rlarena.build.attempt;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.builder.Builder;
import org.rlarena.build.bundle.Bundle;
import org.rlarena.build.scan.ScanStatus;
import org.rlarena.build.scan.Verdict;
import org.rlarena.build.source.Source;
import org.rlarena.telemetry.Trace;

/**
 * One attempt to build one submission. Steps may be begun again as long as the attempt has not
 * ended; an ended attempt never changes. Lease columns are written by {@link BuildAttempts} alone.
 */
@Entity
@Table(name = "build_attempt")
class BuildAttempt {

  @Id UUID id;
  UUID submissionId;
  UUID agentId;
  UUID ownerId;
  String environmentId;

  @Column(name = "submission_version")
  int submissionVersion;

  int attempt;
  String sourceSha256;
  long sourceBytes;
  String sourceKind;

  @Enumerated(EnumType.STRING)
  AttemptState state;

  @Enumerated(EnumType.STRING)
  Step step;

  String bundleKey;
  String bundleSha256;
  Long bundleBytes;
  String bundlePythonMinor;
  String bundlePlatform;

  /** Null if the build made no image. */
  String imageDigest;

  /** Of the image that was signed last; null if none was. Another one is not signed by it. */
  String signedDigest;

  /** For replicas of the version before, which know fewer words; {@code build_scan} has it all. */
  String scan;

  Instant scannedAt;

  /** The trace of the request that asked for the build; null without one. */
  String traceparent;

  String failureReason;
  String failureMessage;
  Instant createdAt;
  Instant updatedAt;
  Instant finishedAt;

  @Column(insertable = false, updatable = false)
  UUID leaseToken;

  /** Runs that ended by a fault of the platform. */
  int faults;

  Instant firstFaultAt;

  /** Runs whose worker went silent; counted when the next worker takes the lease. */
  @Column(insertable = false, updatable = false)
  int lostRuns;

  @Version int revision;

  protected BuildAttempt() {}

  static BuildAttempt requested(SubmissionCreated created, Instant now) {
    BuildAttempt attempt = new BuildAttempt();
    attempt.id = UUID.randomUUID();
    attempt.submissionId = created.submissionId();
    attempt.agentId = created.agentId();
    attempt.ownerId = created.ownerId();
    attempt.environmentId = created.environmentId();
    attempt.submissionVersion = created.version();
    attempt.attempt = created.attempt();
    attempt.sourceSha256 = created.source().sha256();
    attempt.sourceBytes = created.source().bytes();
    attempt.sourceKind = created.source().kind();
    attempt.state = AttemptState.PENDING;
    attempt.traceparent = Trace.current().orElse(null);
    attempt.createdAt = now;
    attempt.updatedAt = now;
    return attempt;
  }

  /** A step begins, perhaps again. */
  BuildEvents.Progressed begin(Step next, Instant now) {
    requireUnfinished();
    step = next;
    state = next.state();
    updatedAt = now;
    return new BuildEvents.Progressed(
        submissionId, agentId, attempt, next.wireName(), next.number(), now);
  }

  /** The bundle is stored; a later run of this attempt need not build again. */
  void keep(Builder.Built built) {
    requireUnfinished();
    Bundle bundle = built.bundle();
    bundleKey = bundle.key();
    bundleSha256 = bundle.sha256();
    bundleBytes = bundle.bytes();
    bundlePythonMinor = bundle.pythonMinor();
    bundlePlatform = bundle.platform();
    imageDigest = built.imageDigest().orElse(null);
  }

  /** The image of this digest is signed; a later run of this attempt need not sign it again. */
  void markSigned(String digest) {
    requireUnfinished();
    signedDigest = digest;
  }

  void markScanned(ScanStatus status, Instant now) {
    requireUnfinished();
    scan =
        switch (status) {
          case PASSED -> "PASSED";
          case BLOCKED -> "FINDINGS";
          case UNAVAILABLE, FAILED -> "UNAVAILABLE";
        };
    scannedAt = now;
  }

  BuildEvents.Succeeded succeed(Verdict verdict, Instant now) {
    end(AttemptState.SUCCEEDED, now);
    return new BuildEvents.Succeeded(
        submissionId,
        agentId,
        attempt,
        attempt,
        bundle().orElseThrow(),
        imageDigest,
        verdict.status().wireName(),
        verdict.counts().orElse(null),
        now);
  }

  BuildEvents.Failed fail(BuildFailed failure, Instant now) {
    end(AttemptState.FAILED, now);
    failureReason = failure.reason().wireName();
    failureMessage = failure.getMessage();
    return new BuildEvents.Failed(
        submissionId,
        agentId,
        attempt,
        attempt,
        (step == null ? Step.BUILDING : step).wireName(),
        failureReason,
        failureMessage,
        now);
  }

  void supersede(Instant now) {
    end(AttemptState.SUPERSEDED, now);
  }

  /** A run ended by a fault of the platform. */
  void countFault(Instant now) {
    requireUnfinished();
    faults++;
    if (firstFaultAt == null) {
      firstFaultAt = now;
    }
    updatedAt = now;
  }

  Optional<Bundle> bundle() {
    return Optional.ofNullable(bundleKey)
        .map(key -> new Bundle(key, bundleSha256, bundleBytes, bundlePythonMinor, bundlePlatform));
  }

  LeasedAttempt leased(Lease lease) {
    return new LeasedAttempt(
        lease,
        submissionId,
        agentId,
        environmentId,
        submissionVersion,
        attempt,
        faults,
        new Source(sourceSha256, sourceBytes, sourceKind),
        bundle(),
        Optional.ofNullable(imageDigest),
        Optional.ofNullable(signedDigest),
        state != AttemptState.PENDING,
        Optional.ofNullable(traceparent));
  }

  private void end(AttemptState end, Instant now) {
    requireUnfinished();
    state = end;
    finishedAt = now;
    updatedAt = now;
  }

  private void requireUnfinished() {
    if (state.isFinal()) {
      throw new IllegalStateException("attempt %s has ended as %s".formatted(id, state));
    }
  }
}
