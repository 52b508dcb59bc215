package org.rlarena.match.replays;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Replays under the paths that matches name. */
@Path("/storage/replays")
@Tag(name = "replays")
public class StorageResource {

  private final Replays replays;

  StorageResource(Replays replays) {
    this.replays = replays;
  }

  @GET
  @Path("/{file}")
  @Operation(summary = "A replay as the executor wrote it, as <match id>.json or .html")
  public Response file(@PathParam("file") String file, @Context HttpHeaders headers) {
    Delivery delivery = new Delivery(headers);
    int dot = file.lastIndexOf('.');
    return switch (dot < 0 ? "" : file.substring(dot)) {
      case ".json" -> replays.raw(replays.find(file.substring(0, dot)), delivery);
      case ".html" -> replays.page(replays.find(file.substring(0, dot)), delivery);
      default -> throw Replays.notAvailable();
    };
  }
}
