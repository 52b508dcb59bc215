package org.rlarena.build.attempt;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.UUID;
import org.rlarena.build.bundle.Bundle;
import org.rlarena.build.scan.Verdict;
import org.rlarena.outbox.Event;

/**
 * The facts this service publishes. Topics {@code build.progress} and {@code submission.built},
 * keyed by agent; read by submission-service. An attempt has one final event, so the attempt's
 * number is the sequence of a submission's final events.
 */
sealed interface BuildEvents {

  String PROGRESS_TOPIC = "build.progress";
  String BUILT_TOPIC = "submission.built";
  String PROGRESSED = "org.rlarena.build.progressed.v1";
  String SUCCEEDED = "org.rlarena.submission.build-succeeded.v1";
  String FAILED = "org.rlarena.submission.build-failed.v1";

  /** A step begins; repeated when a run starts over. */
  record Progressed(
      UUID submissionId, UUID agentId, int attempt, String step, int ordinal, Instant at)
      implements BuildEvents {

    Event event() {
      return new Event(
          PROGRESS_TOPIC, agentId.toString(), PROGRESSED, submissionId.toString(), this);
    }
  }

  /** The bundle is stored and fit to play. */
  record Succeeded(
      UUID submissionId,
      UUID agentId,
      int attempt,
      long sequence,
      Bundle bundle,
      @JsonInclude String imageDigest,
      String scan,
      @JsonInclude(JsonInclude.Include.NON_NULL) Verdict.SeverityCounts vulnerabilities,
      Instant finishedAt)
      implements BuildEvents {

    Event event() {
      return new Event(BUILT_TOPIC, agentId.toString(), SUCCEEDED, submissionId.toString(), this);
    }
  }

  /** The attempt ended without a bundle to play. */
  record Failed(
      UUID submissionId,
      UUID agentId,
      int attempt,
      long sequence,
      String step,
      String reason,
      String message,
      Instant finishedAt)
      implements BuildEvents {

    Event event() {
      return new Event(BUILT_TOPIC, agentId.toString(), FAILED, submissionId.toString(), this);
    }
  }
}
