package org.rlarena.build.attempt;

import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * What build-service reads of {@code submission.created} and {@code submission.rebuild-requested}.
 *
 * @param attempt build attempt, from 1
 */
record SubmissionCreated(
    UUID submissionId,
    UUID agentId,
    UUID ownerId,
    String environmentId,
    int version,
    int attempt,
    Upload source) {

  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

  SubmissionCreated {
    Objects.requireNonNull(submissionId, "submissionId");
    Objects.requireNonNull(agentId, "agentId");
    Objects.requireNonNull(ownerId, "ownerId");
    Objects.requireNonNull(environmentId, "environmentId");
    Objects.requireNonNull(source, "source");
    if (attempt < 1 || version < 1) {
      throw new IllegalArgumentException("attempt and version start at 1");
    }
  }

  /**
   * @param sha256 lower-case hex
   * @param bytes size
   * @param kind {@code py} or {@code zip}
   */
  record Upload(String sha256, long bytes, String kind) {

    Upload {
      if (sha256 == null || !SHA256.matcher(sha256).matches()) {
        throw new IllegalArgumentException("sha256 is not a digest");
      }
      if (bytes < 1) {
        throw new IllegalArgumentException("bytes is not positive");
      }
      if (!"py".equals(kind) && !"zip".equals(kind)) {
        throw new IllegalArgumentException("kind is neither py nor zip");
      }
    }
  }
}
