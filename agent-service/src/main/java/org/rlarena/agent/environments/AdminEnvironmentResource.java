package org.rlarena.agent.environments;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.access.AuditLog;
import org.rlarena.access.Caller;
import org.rlarena.agent.Message;

/** Environments on and off, for administrators; with a reason, as for agents. */
@Path("/api/v1/admin/environments")
@RolesAllowed("admin")
@Tag(name = "Administration")
public class AdminEnvironmentResource {

  private final Catalogue catalogue;
  private final Caller caller;

  AdminEnvironmentResource(Catalogue catalogue, Caller caller) {
    this.catalogue = catalogue;
    this.caller = caller;
  }

  /** Answers as {@link Catalogue#allow} refuses. */
  @POST
  @Path("/{id}/disable")
  @Operation(summary = "Switch an environment off")
  public Message disable(String id, AuditLog.Why why) {
    catalogue.allow(caller, id, false, AuditLog.Why.reason(why));
    return new Message("Environment disabled");
  }

  /** Answers as {@link Catalogue#allow} refuses. */
  @POST
  @Path("/{id}/enable")
  @Operation(summary = "Switch an environment on")
  public Message enable(String id, AuditLog.Why why) {
    catalogue.allow(caller, id, true, AuditLog.Why.reason(why));
    return new Message("Environment enabled");
  }
}
