package org.rlarena.submission.agents;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Objects;
import java.util.UUID;

/**
 * The part of {@code agent.changed} this service keeps; agent-service answers a look-up with the
 * same shape.
 *
 * @param agentId the agent
 * @param sequence grows with every change of the agent; a lower one is stale
 * @param ownerId the user who owns it
 * @param name 1 to 100 characters
 * @param environmentId slug such as {@code pong}
 */
@RegisterForReflection
public record AgentSnapshot(
    UUID agentId, long sequence, UUID ownerId, String name, String environmentId) {

  public AgentSnapshot {
    Objects.requireNonNull(agentId, "agentId");
    Objects.requireNonNull(ownerId, "ownerId");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(environmentId, "environmentId");
    if (sequence < 1) {
      throw new IllegalArgumentException("sequence must be 1 or more, was " + sequence);
    }
  }
}
