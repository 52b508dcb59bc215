package org.rlarena.submission.versions;

import io.smallrye.common.annotation.Blocking;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.rlarena.access.Caller;

/** This service's part of what a user sees about himself or herself. */
@Path("/api/v1/users/me/submission-stats")
@Produces(MediaType.APPLICATION_JSON)
@Blocking
public class OwnerStatsResource {

  private final Caller caller;
  private final SubmissionQueries queries;

  OwnerStatsResource(Caller caller, SubmissionQueries queries) {
    this.caller = caller;
    this.queries = queries;
  }

  @GET
  @RolesAllowed("user")
  @Operation(summary = "How many versions the caller uploaded and how many agents play")
  public OwnerStats stats() {
    return queries.statsOf(caller.userId());
  }
}
