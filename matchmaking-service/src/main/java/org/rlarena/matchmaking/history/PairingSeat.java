package org.rlarena.matchmaking.history;

import jakarta.persistence.Embeddable;
import java.time.Instant;
import java.util.UUID;

/**
 * An agent's place in a pairing.
 *
 * @param agentId the agent
 * @param submissionId the version it plays with
 * @param rating its rating when it was paired, in rating points
 * @param requestedAt as in the pairing, for finding an agent's newest ones, UTC
 * @param open whether the pairing is open
 */
@Embeddable
public record PairingSeat(
    UUID agentId, UUID submissionId, int rating, Instant requestedAt, boolean open) {

  PairingSeat closed() {
    return new PairingSeat(agentId, submissionId, rating, requestedAt, false);
  }
}
