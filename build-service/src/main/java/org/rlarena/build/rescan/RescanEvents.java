package org.rlarena.build.rescan;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.UUID;
import org.rlarena.build.scan.Verdict;
import org.rlarena.outbox.Event;

/** The fact that a new scan publishes, on the topic of builds, keyed by agent. */
final class RescanEvents {

  private static final String BUILT_TOPIC = "submission.built";
  private static final String BLOCKED = "org.rlarena.submission.scan-blocked.v1";

  private RescanEvents() {}

  /** A version that was built, and may have played, may no longer play. */
  @RegisterForReflection
  record ScanBlocked(
      UUID submissionId,
      UUID agentId,
      int attempt,
      String message,
      @JsonInclude(JsonInclude.Include.NON_NULL) Verdict.SeverityCounts vulnerabilities,
      Instant scannedAt) {

    Event event() {
      return new Event(BUILT_TOPIC, agentId.toString(), BLOCKED, submissionId.toString(), this);
    }
  }
}
