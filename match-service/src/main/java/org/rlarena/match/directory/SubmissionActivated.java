package org.rlarena.match.directory;

import static java.util.Objects.requireNonNull;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.UUID;

/**
 * What this service reads of {@code submission.activated.v1}, and of submission-service's answer
 * about an agent's active version, which has the same shape.
 *
 * @param sequence number of the activation or deactivation per agent; higher is newer
 * @param imageDigest null when the build made no image
 */
@RegisterForReflection
public record SubmissionActivated(
    UUID agentId,
    long sequence,
    UUID submissionId,
    int version,
    Bundle bundle,
    String imageDigest) {

  public SubmissionActivated {
    requireNonNull(agentId, "agentId");
    requireNonNull(submissionId, "submissionId");
    requireNonNull(bundle, "bundle");
  }
}
