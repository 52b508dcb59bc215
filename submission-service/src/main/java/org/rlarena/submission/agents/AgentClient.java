package org.rlarena.submission.agents;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.UUID;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

/** agent-service's internal read of one agent. */
@Path("/internal/agents")
@RegisterRestClient(configKey = "agent-service")
interface AgentClient {

  @GET
  @Path("/{id}")
  AgentSnapshot get(@PathParam("id") UUID id, @HeaderParam("Authorization") String bearer);
}
