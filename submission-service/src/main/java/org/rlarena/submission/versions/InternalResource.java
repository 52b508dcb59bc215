package org.rlarena.submission.versions;

import io.smallrye.common.annotation.Blocking;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.rlarena.submission.Ids;

/** What other services read here with a service token; the gateway does not route it. */
@Path("/internal")
@Blocking
public class InternalResource {

  private final SubmissionQueries queries;

  InternalResource(SubmissionQueries queries) {
    this.queries = queries;
  }

  /** The upload's bytes; 404 once the agent is deleted. */
  @GET
  @Path("/submissions/{id}/source")
  @RolesAllowed("source:read")
  @Produces(MediaType.APPLICATION_OCTET_STREAM)
  public Response source(@PathParam("id") String id) {
    return SourceResponses.attachment(queries.sourceForService(Ids.parse("id", id)));
  }

  /** The playing version in the shape of {@code submission.activated}; 404 when none plays. */
  @GET
  @Path("/agents/{agentId}/active-submission")
  @RolesAllowed("submission:read")
  @Produces(MediaType.APPLICATION_JSON)
  public SubmissionEvents.Activated active(@PathParam("agentId") String agentId) {
    return queries.active(Ids.parse("agentId", agentId));
  }
}
