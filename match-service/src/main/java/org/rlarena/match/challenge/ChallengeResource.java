package org.rlarena.match.challenge;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.access.Caller;
import org.rlarena.access.TokenScope;
import org.rlarena.match.Ids;
import org.rlarena.match.MatchError;
import org.rlarena.match.matches.MatchView;

/** Challenges. */
@Path("/api/v1/matches")
@Tag(name = "matches")
public class ChallengeResource {

  private final ChallengeAgent challengeAgent;
  private final Caller caller;

  ChallengeResource(ChallengeAgent challengeAgent, Caller caller) {
    this.challengeAgent = challengeAgent;
    this.caller = caller;
  }

  @POST
  @RolesAllowed("user")
  @TokenScope(TokenScope.MATCHES_WRITE)
  @Operation(summary = "Let an own agent play another one, unrated")
  @APIResponse(
      responseCode = "201",
      description = "The match waits to be played",
      content = @Content(schema = @Schema(implementation = Challenged.class)))
  public Response challenge(NewChallenge wanted) {
    if (wanted == null) {
      throw MatchError.INVALID_REQUEST.because("Send 'agent1Id' and 'agent2Id' as a JSON object.");
    }
    UUID agent1 = Ids.parse("agent1Id", wanted.agent1Id());
    UUID agent2 = Ids.parse("agent2Id", wanted.agent2Id());
    MatchView match = challengeAgent.challenge(caller.userId(), agent1, agent2);
    return Response.created(URI.create("/api/v1/matches/" + match.id()))
        .entity(new Challenged("The match waits to be played.", match))
        .build();
  }

  /** The new match. */
  public record Challenged(String message, MatchView match) {}
}
