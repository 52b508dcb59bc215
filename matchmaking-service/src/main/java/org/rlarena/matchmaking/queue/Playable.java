package org.rlarena.matchmaking.queue;

import java.time.Instant;
import java.util.UUID;
import org.rlarena.matchmaking.model.Candidate;
import org.rlarena.matchmaking.model.PlayRecord;

/**
 * An agent that could play: live, enabled, with an active version and without an open rated match.
 *
 * @param rating now, in rating points
 * @param past its matches so far
 */
public record Playable(
    UUID agentId, UUID ownerId, String environmentId, int rating, PlayRecord past) {

  /** The agent as a round sees it. */
  public Candidate waitingSince(Instant since) {
    return new Candidate(agentId, ownerId, rating, since, past);
  }
}
