package org.rlarena.match.matches;

import static java.util.Objects.requireNonNull;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.UUID;
import org.rlarena.match.directory.Bundle;

/**
 * An agent in its seat, with everything needed to play and credit it.
 *
 * @param version number of the submission, from 1
 * @param imageDigest null when the build made no image
 */
@RegisterForReflection
public record Seat(
    UUID agentId,
    String agentName,
    UUID ownerId,
    UUID submissionId,
    int version,
    Bundle bundle,
    String imageDigest) {

  public Seat {
    requireNonNull(agentId, "agentId");
    requireNonNull(agentName, "agentName");
    requireNonNull(ownerId, "ownerId");
    requireNonNull(submissionId, "submissionId");
    requireNonNull(bundle, "bundle");
  }
}
