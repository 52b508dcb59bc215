package org.rlarena.build.attempt;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.RunControl;
import org.rlarena.build.RunStopped;
import org.rlarena.build.builder.Builder;
import org.rlarena.build.bundle.Bundle;
import org.rlarena.build.bundle.BundleStore;
import org.rlarena.build.log.BuildLog;
import org.rlarena.build.scan.Scan;
import org.rlarena.build.scan.Scanner;
import org.rlarena.build.scan.Verdict;
import org.rlarena.build.signing.ImageSigner;
import org.rlarena.build.validation.Validation;

/** One run of one attempt: its steps in order, and what becomes of it however it ends. */
@ApplicationScoped
class AttemptRun {

  private static final Logger LOG = Logger.getLogger(AttemptRun.class);

  private final AttemptQueue queue;
  private final Instance<Builder> builder;
  private final BundleStore bundles;
  private final ImageSigner signer;
  private final Validation validation;
  private final Scan scan;

  AttemptRun(
      AttemptQueue queue,
      Instance<Builder> builder,
      BundleStore bundles,
      ImageSigner signer,
      Validation validation,
      Scan scan) {
    this.queue = queue;
    this.builder = builder;
    this.bundles = bundles;
    this.signer = signer;
    this.validation = validation;
    this.scan = scan;
  }

  /**
   * Runs the attempt to its end, or gives it back.
   *
   * @throws LeaseLost if another worker or a higher attempt has taken over; nothing was changed
   * @throws RuntimeException if the database cannot be reached; the lease then runs out
   */
  void run(LeasedAttempt attempt, BuildLog log, RunControl control) {
    Lease lease = attempt.lease();
    try {
      if (queue.failIfDeadly(lease)) {
        log.note("Given up: the build was broken off too often.");
        return;
      }
      log.note(
          (attempt.resumed()
                  ? "Build goes on: version %d, attempt %d"
                  : "Build of version %d, attempt %d")
              .formatted(attempt.version(), attempt.number()));
      steps(attempt, log, control);
    } catch (BuildFailed failure) {
      log.note("Failed (" + failure.reason().wireName() + "): " + failure.getMessage());
      log.flush();
      queue.fail(lease, failure);
    } catch (PlatformFault fault) {
      LOG.warnf(
          fault.getCause(),
          "Build waits, submissionId=%s: %s",
          attempt.submissionId(),
          fault.getMessage());
      log.note(fault.getMessage() + " This is not your fault; the build is tried again.");
      log.flush();
      Optional<Duration> pause = queue.postpone(lease, fault);
      LOG.debugf("Build tried again after %s, submissionId=%s", pause, attempt.submissionId());
    } catch (RunStopped stopped) {
      log.note("Broken off; the build will be started again.");
      log.flush();
      queue.giveBack(lease);
    }
  }

  private void steps(LeasedAttempt attempt, BuildLog log, RunControl control) {
    Lease lease = attempt.lease();
    Bundle bundle = attempt.bundle().filter(bundles::has).orElse(null);
    Optional<String> image = attempt.imageDigest();
    if (bundle == null) {
      queue.begin(lease, Step.BUILDING);
      Builder.Built built = builder.get().build(request(attempt), log, control);
      queue.keep(lease, built);
      bundle = built.bundle();
      image = built.imageDigest();
    }
    // before anybody plays it: executors may refuse what is not signed
    if (signer.isOn() && image.isPresent() && !image.equals(attempt.signedDigest())) {
      signer.sign(attempt.agentId(), image.get(), control);
      queue.markSigned(lease, image.get());
      log.note("The image is signed.");
    }
    queue.begin(lease, Step.VALIDATING);
    validation.validate(attempt.agentId(), attempt.environmentId(), bundle, image, log, control);
    queue.begin(lease, Step.SCANNING);
    Verdict verdict = scan.run(target(attempt, bundle, image), "build", control);
    log.note("Scan: %s. %s".formatted(verdict.status().wireName(), verdict.reason()));
    queue.recordScan(lease, verdict);
    scan.judge(verdict);
    log.note("Succeeded.");
    log.flush();
    queue.succeed(lease, verdict);
  }

  private static Scanner.Target target(
      LeasedAttempt attempt, Bundle bundle, Optional<String> image) {
    return new Scanner.Target(
        attempt.lease().token(), attempt.submissionId(), attempt.agentId(), bundle, image);
  }

  private static Builder.Request request(LeasedAttempt attempt) {
    return new Builder.Request(
        attempt.lease().token(),
        attempt.lease().attemptId(),
        attempt.faults(),
        attempt.submissionId(),
        attempt.agentId(),
        attempt.version(),
        attempt.number(),
        attempt.source());
  }
}
