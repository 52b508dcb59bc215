package org.rlarena.matchmaking.roster;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/**
 * What this service reads of {@code submission.activated.v1}.
 *
 * @param imageDigest null when the build made no image
 */
public record SubmissionActivated(
    UUID agentId,
    long sequence,
    String agentName,
    UUID ownerId,
    String environmentId,
    UUID submissionId,
    int version,
    Bundle bundle,
    String imageDigest) {

  public SubmissionActivated {
    requireNonNull(agentId, "agentId");
    requireNonNull(agentName, "agentName");
    requireNonNull(ownerId, "ownerId");
    requireNonNull(environmentId, "environmentId");
    requireNonNull(submissionId, "submissionId");
    requireNonNull(bundle, "bundle");
    Sequences.check(sequence);
  }

  /** What this service reads of {@code submission.deactivated.v1}. */
  public record Deactivated(UUID agentId, long sequence) {
    public Deactivated {
      requireNonNull(agentId, "agentId");
      Sequences.check(sequence);
    }
  }
}
