package org.rlarena.submission.versions;

import java.time.Instant;
import java.util.UUID;
import org.rlarena.submission.sources.SourceKind;
import org.rlarena.submission.sources.StoredSource;

/** Versions in a given state. */
final class SubmissionFixture {

  static final Instant UPLOADED = Instant.parse("2026-11-23T10:00:00Z");
  static final Instant LATER = UPLOADED.plusSeconds(60);
  static final Bundle BUNDLE =
      new Bundle("bundles/b.zip", "ab".repeat(32), 2048L, "3.11", "linux_x86_64");

  private SubmissionFixture() {}

  static Submission uploaded() {
    return uploaded(1);
  }

  static Submission uploaded(int version) {
    return new Submission(
        UUID.randomUUID(),
        UUID.randomUUID(),
        "pong",
        version,
        new StoredSource(SourceKind.PY, "cd".repeat(32), 100, "agent.py"),
        UPLOADED);
  }

  static Submission built() {
    Submission submission = uploaded();
    submission.passed(1, BUNDLE, null, LATER);
    return submission;
  }

  static Submission failed() {
    Submission submission = uploaded();
    submission.failed(1, "agent.py, line 3: invalid syntax.", LATER);
    return submission;
  }
}
