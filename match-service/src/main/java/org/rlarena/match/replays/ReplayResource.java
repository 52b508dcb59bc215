package org.rlarena.match.replays;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.match.replays.Replays.Replay;

/** Replays of matches, for everyone. */
@Path("/api/v1/matches")
@Tag(name = "replays")
public class ReplayResource {

  private final Replays replays;

  ReplayResource(Replays replays) {
    this.replays = replays;
  }

  @GET
  @Path("/{id}/replay")
  @Operation(
      summary = "The replay: format json (default, for pages), html or raw (downloads)",
      description =
          "Compressed for those who take gzip. Of html and raw there are ranges: a Range is of the"
              + " replay as it is stored.")
  @APIResponse(responseCode = "200", description = "The replay")
  @APIResponse(responseCode = "206", description = "The part that was asked for")
  @APIResponse(responseCode = "304", description = "It is the one that If-None-Match names")
  @APIResponse(responseCode = "416", description = "There is no such part")
  public Response replay(
      @PathParam("id") String id,
      @QueryParam("format") String format,
      @Context HttpHeaders headers) {
    Replay replay = replays.find(id);
    Delivery delivery = new Delivery(headers);
    return switch (orJson(format)) {
      case "json" -> replays.forPages(replay, delivery);
      case "html" -> replays.page(replay, delivery);
      default -> replays.raw(replay, delivery);
    };
  }

  @GET
  @Path("/{id}/replay-url")
  @Operation(summary = "Where the replay is, below the root of the site")
  public ReplayUrl replayUrl(@PathParam("id") String id, @QueryParam("format") String format) {
    Replay replay = replays.find(id);
    String shown = orJson(format);
    boolean html = shown.equals("html") && replay.html().isPresent();
    return new ReplayUrl(
        "/storage/replays/" + replay.matchId() + (html ? ".html" : ".json"),
        replay.matchId(),
        shown);
  }

  private static String orJson(String format) {
    return format == null || format.isEmpty() ? "json" : format;
  }

  /** Where a replay is. */
  public record ReplayUrl(String replayUrl, UUID matchId, String format) {}
}
