package org.rlarena.agent.agents;

import jakarta.annotation.security.RolesAllowed;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/**
 * The look-up for neighbours whose copy of an agent has not come yet: the same payload as the
 * event, with its sequence, so that they can store it. Takes a service token with scope {@code
 * agent:read}.
 */
@Path("/internal/agents")
@Tag(name = "Internal")
public class InternalAgentResource {

  private final Agents agents;

  InternalAgentResource(Agents agents) {
    this.agents = agents;
  }

  /** Answers 404 {@code agent_not_found} for an unknown or deleted agent. */
  @GET
  @Path("/{id}")
  @RolesAllowed("agent:read")
  @Transactional
  @Operation(summary = "Newest state of an agent, as in agent.changed")
  public AgentChanged one(String id) {
    return agents
        .living(AgentResource.agentId(id))
        .map(Agent::changed)
        .orElseThrow(AgentResource::notFound);
  }
}
