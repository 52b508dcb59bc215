package org.rlarena.match.rerun;

import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.access.AuditLog;
import org.rlarena.access.Caller;
import org.rlarena.match.Ids;
import org.rlarena.match.matches.MatchView;

/** Matches, for administrators; with a reason of 3 to 500 characters ({@code invalid_reason}). */
@Path("/api/v1/admin")
@RolesAllowed("admin")
@Tag(name = "administration")
public class AdminMatchResource {

  private final RerunMatch rerunMatch;
  private final AuditLog audit;
  private final Caller caller;

  AdminMatchResource(RerunMatch rerunMatch, AuditLog audit, Caller caller) {
    this.rerunMatch = rerunMatch;
    this.audit = audit;
    this.caller = caller;
  }

  /** Answers as {@link RerunMatch#rerun} refuses. */
  @POST
  @Path("/matches/{id}/rerun")
  @Operation(summary = "Play a match again, unrated: same versions, seats and seed")
  @APIResponse(
      responseCode = "201",
      description = "The new match waits to be played",
      content = @Content(schema = @Schema(implementation = Rerun.class)))
  public Response rerun(@PathParam("id") String id, AuditLog.Why why) {
    UUID matchId = Ids.parse("id", id);
    MatchView match = rerunMatch.rerun(caller, matchId, AuditLog.Why.reason(why));
    return Response.created(URI.create("/api/v1/matches/" + match.id()))
        .entity(new Rerun("The match waits to be played again.", matchId, match))
        .build();
  }

  /** The new match, and the one it repeats. */
  @RegisterForReflection
  public record Rerun(String message, UUID rerunOf, MatchView match) {}

  @GET
  @Path("/audit/matches")
  @Operation(summary = "What administrators did to matches, newest first")
  public AuditLog.Page log(@QueryParam("limit") String limit, @QueryParam("before") String before) {
    return audit.read(limit, before);
  }
}
