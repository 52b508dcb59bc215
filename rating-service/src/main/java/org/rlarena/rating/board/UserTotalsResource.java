package org.rlarena.rating.board;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.access.Caller;

/** The calling user's totals, one part of what {@code GET /users/me} shows. */
@Path("/api/v1/users/me/match-stats")
@RolesAllowed("user")
@Tag(name = "users")
public class UserTotalsResource {

  private final UserTotals totals;
  private final Caller caller;

  UserTotalsResource(UserTotals totals, Caller caller) {
    this.totals = totals;
    this.caller = caller;
  }

  @GET
  @Operation(summary = "Rated matches, wins and best rank of the caller's agents")
  public UserTotals.Totals totals() {
    return totals.of(caller.userId());
  }
}
