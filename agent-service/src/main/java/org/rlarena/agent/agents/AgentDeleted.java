package org.rlarena.agent.agents;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.UUID;

/**
 * Payload of {@code org.rlarena.agent.deleted.v1} on topic {@code agent.changed}, keyed by agent:
 * the last event of this agent.
 *
 * @param agentId the agent
 * @param sequence above that of every other event of this agent
 * @param deletedAt UTC
 */
@RegisterForReflection
record AgentDeleted(UUID agentId, long sequence, Instant deletedAt) {

  static final String TYPE = "org.rlarena.agent.deleted.v1";
}
