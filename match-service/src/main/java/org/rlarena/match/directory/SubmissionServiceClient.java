package org.rlarena.match.directory;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.UUID;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

/** The one thing asked of submission-service. */
@RegisterRestClient(configKey = "submission-service")
@Path("/internal/agents")
interface SubmissionServiceClient {

  @GET
  @Path("/{agentId}/active-submission")
  SubmissionActivated activeSubmission(
      @PathParam("agentId") UUID agentId, @HeaderParam("Authorization") String bearer);
}
