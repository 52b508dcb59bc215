package org.rlarena.auth.admin;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import org.rlarena.access.AuditLog;

/** What administrators did to accounts. */
@Path("/api/v1/admin/audit/users")
@RolesAllowed("admin")
public class AuditResource {

  private final AuditLog audit;

  AuditResource(AuditLog audit) {
    this.audit = audit;
  }

  /** The newest entries, or those before one of them: 200. */
  @GET
  public AuditLog.Page read(
      @QueryParam("limit") String limit, @QueryParam("before") String before) {
    return audit.read(limit, before);
  }
}
