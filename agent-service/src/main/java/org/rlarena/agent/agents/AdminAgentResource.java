package org.rlarena.agent.agents;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.access.AuditLog;
import org.rlarena.access.Caller;
import org.rlarena.agent.Message;

/**
 * Agents, for administrators. Every deed wants a {@code reason} of 3 to 500 characters ({@code
 * invalid_reason}).
 */
@Path("/api/v1/admin")
@RolesAllowed("admin")
@Tag(name = "Administration")
public class AdminAgentResource {

  private final ManageAgents manage;
  private final AuditLog audit;
  private final Caller caller;

  AdminAgentResource(ManageAgents manage, AuditLog audit, Caller caller) {
    this.manage = manage;
    this.audit = audit;
    this.caller = caller;
  }

  /** Answers as {@link ManageAgents#allow} refuses. */
  @POST
  @Path("/agents/{id}/disable")
  @Operation(summary = "Take an agent out of play")
  public Message disable(String id, AuditLog.Why why) {
    manage.allow(caller, AgentResource.agentId(id), false, AuditLog.Why.reason(why));
    return new Message("Agent disabled");
  }

  /** Answers as {@link ManageAgents#allow} refuses. */
  @POST
  @Path("/agents/{id}/enable")
  @Operation(summary = "Let an agent play again")
  public Message enable(String id, AuditLog.Why why) {
    manage.allow(caller, AgentResource.agentId(id), true, AuditLog.Why.reason(why));
    return new Message("Agent enabled");
  }

  @GET
  @Path("/audit/agents")
  @Operation(summary = "What administrators did to agents and environments, newest first")
  public AuditLog.Page log(@QueryParam("limit") String limit, @QueryParam("before") String before) {
    return audit.read(limit, before);
  }
}
