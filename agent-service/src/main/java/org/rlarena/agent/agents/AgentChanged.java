package org.rlarena.agent.agents;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.UUID;

/**
 * Payload of {@code org.rlarena.agent.changed.v1} on topic {@code agent.changed}, keyed by agent.
 *
 * @param agentId the agent
 * @param sequence grows with each event of this agent, from 1
 * @param ownerId the user who owns it
 * @param name 1 to 100 characters
 * @param description may be empty
 * @param environmentId slug
 * @param enabled false when an administrator took it out of play
 * @param createdAt UTC
 * @param updatedAt when its owner last changed it, UTC
 */
@RegisterForReflection
record AgentChanged(
    UUID agentId,
    long sequence,
    UUID ownerId,
    String name,
    String description,
    String environmentId,
    boolean enabled,
    Instant createdAt,
    Instant updatedAt) {

  static final String TOPIC = "agent.changed";
  static final String TYPE = "org.rlarena.agent.changed.v1";
}
