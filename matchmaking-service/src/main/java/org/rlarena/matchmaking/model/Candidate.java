package org.rlarena.matchmaking.model;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;

/**
 * An agent that wants to play. It has no open rated match.
 *
 * @param agentId the agent
 * @param ownerId who owns it
 * @param rating now, in rating points
 * @param waitingSince since when it may play and waits, UTC
 * @param past its matches so far
 */
public record Candidate(
    UUID agentId, UUID ownerId, int rating, Instant waitingSince, PlayRecord past) {

  public Candidate {
    requireNonNull(agentId, "agentId");
    requireNonNull(ownerId, "ownerId");
    requireNonNull(waitingSince, "waitingSince");
    requireNonNull(past, "past");
  }

  int distance(Candidate other) {
    return Math.abs(rating - other.rating);
  }

  Duration waited(Instant now) {
    return Duration.between(waitingSince, now);
  }

  /**
   * How many of the two, 0 to 2, would meet the opponent of their last match again; 2 means that
   * the same match would be played twice in a row.
   */
  int repeats(Candidate other) {
    return (metLast(other) ? 1 : 0) + (other.metLast(this) ? 1 : 0);
  }

  private boolean metLast(Candidate other) {
    return past.lastOpponent().filter(other.agentId::equals).isPresent();
  }
}
