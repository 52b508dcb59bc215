package org.rlarena.match.challenge;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.access.Caller;
import org.rlarena.access.RepeatedRequests;
import org.rlarena.access.TokenScope;
import org.rlarena.match.Ids;
import org.rlarena.match.MatchError;
import org.rlarena.match.matches.MatchView;

/** Challenges. */
@Path("/api/v1/matches")
@Tag(name = "matches")
public class ChallengeResource {

  private final ChallengeAgent challengeAgent;
  private final RepeatedRequests repeats;
  private final Caller caller;

  ChallengeResource(ChallengeAgent challengeAgent, RepeatedRequests repeats, Caller caller) {
    this.challengeAgent = challengeAgent;
    this.repeats = repeats;
    this.caller = caller;
  }

  @POST
  @RolesAllowed("user")
  @TokenScope(TokenScope.MATCHES_WRITE)
  @Operation(summary = "Let an own agent play another one, unrated")
  @APIResponse(
      responseCode = "201",
      description = "The match waits to be played",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = Challenged.class)))
  @APIResponse(responseCode = "404", description = "There is no such agent")
  @APIResponse(responseCode = "422", description = "The key has named another request")
  public Response challenge(
      @Parameter(description = "Names this request: a repeat of it is answered as the first time")
          @Schema(pattern = RepeatedRequests.PATTERN)
          @HeaderParam(RepeatedRequests.KEY)
          String key,
      NewChallenge wanted) {
    if (wanted == null) {
      throw MatchError.INVALID_REQUEST.because("Send 'agent1Id' and 'agent2Id' as a JSON object.");
    }
    UUID agent1 = Ids.parse("agent1Id", wanted.agent1Id());
    UUID agent2 = Ids.parse("agent2Id", wanted.agent2Id());
    UUID user = caller.userId();
    var request = repeats.of(key, user, "POST /matches", List.of(agent1, agent2));
    MatchView match =
        challengeAgent.challenge(
            user, agent1, agent2, creation -> request.once(creation, ChallengeResource::created));
    return created(match);
  }

  private static Response created(MatchView match) {
    return Response.created(URI.create("/api/v1/matches/" + match.id()))
        .entity(new Challenged("The match waits to be played.", match))
        .build();
  }

  /** The new match. */
  public record Challenged(String message, MatchView match) {}
}
