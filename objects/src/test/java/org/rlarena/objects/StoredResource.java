package org.rlarena.objects;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Response;
import java.io.IOException;

/** Sends what is stored, for the tests. */
@Path("/stored")
public class StoredResource {

  private final ObjectStore store;

  StoredResource(ObjectStore store) {
    this.store = store;
  }

  @GET
  @Path("/{key: .+}")
  public Response stored(@PathParam("key") String key) throws IOException {
    return store.find(key).orElseThrow(NotFoundException::new).into(Response.ok()).build();
  }
}
