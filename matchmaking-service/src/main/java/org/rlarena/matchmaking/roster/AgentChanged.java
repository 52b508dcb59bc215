package org.rlarena.matchmaking.roster;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/**
 * What this service reads of {@code agent.changed.v1}.
 *
 * @param enabled false when an administrator took the agent out of play
 */
public record AgentChanged(
    UUID agentId, long sequence, UUID ownerId, String environmentId, boolean enabled) {

  public AgentChanged {
    requireNonNull(agentId, "agentId");
    requireNonNull(ownerId, "ownerId");
    requireNonNull(environmentId, "environmentId");
    Sequences.check(sequence);
  }

  /** What this service reads of {@code agent.deleted.v1}. */
  public record Deleted(UUID agentId, long sequence) {
    public Deleted {
      requireNonNull(agentId, "agentId");
      Sequences.check(sequence);
    }
  }
}
