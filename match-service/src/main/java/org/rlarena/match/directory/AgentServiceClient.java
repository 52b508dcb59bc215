package org.rlarena.match.directory;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.UUID;
import org.eclipse.microprofile.rest.client.inject.RegisterRestClient;

/** The one thing asked of agent-service. */
@RegisterRestClient(configKey = "agent-service")
@Path("/internal/agents")
interface AgentServiceClient {

  @GET
  @Path("/{id}")
  AgentChanged agent(@PathParam("id") UUID id, @HeaderParam("Authorization") String bearer);
}
