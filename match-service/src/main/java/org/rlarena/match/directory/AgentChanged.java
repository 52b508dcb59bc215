package org.rlarena.match.directory;

import static java.util.Objects.requireNonNull;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.UUID;

/**
 * What this service reads of {@code agent.changed.v1}, and of agent-service's answer about an
 * agent, which has the same shape.
 *
 * @param sequence number of the change; higher is newer
 */
@RegisterForReflection
public record AgentChanged(
    UUID agentId, long sequence, UUID ownerId, String name, String environmentId, boolean enabled) {

  public AgentChanged {
    requireNonNull(agentId, "agentId");
    requireNonNull(ownerId, "ownerId");
    requireNonNull(name, "name");
    requireNonNull(environmentId, "environmentId");
  }
}
