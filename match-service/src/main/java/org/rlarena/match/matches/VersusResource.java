package org.rlarena.match.matches;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.match.Ids;
import org.rlarena.match.MatchError;
import org.rlarena.match.Paging;
import org.rlarena.match.directory.AgentEntry;
import org.rlarena.match.directory.Agents;

/** How two agents did against each other, also after one of them was deleted. */
@Path("/api/v1/agents/{id}/versus/{otherId}")
@Tag(name = "agents")
public class VersusResource {

  private final Agents agents;
  private final Opponents opponents;
  private final MatchViews views;

  VersusResource(Agents agents, Opponents opponents, MatchViews views) {
    this.agents = agents;
    this.opponents = opponents;
    this.views = views;
  }

  /** Answers {@code invalid_id}, {@code same_agent}, {@code agent_not_found}. */
  @GET
  @Transactional
  @Operation(
      summary = "An agent's played matches against another one, the last one first",
      description =
          "Counts all of them, challenges included; GET /agents/{id}/stats counts rated ones.")
  public Versus versus(
      @PathParam("id") String id,
      @PathParam("otherId") String otherId,
      @QueryParam("pageSize") String pageSize,
      @Parameter(description = "The nextCursor of the page before")
          @Schema(pattern = "^" + Position.PATTERN + "$")
          @QueryParam("cursor")
          String cursor) {
    UUID agent = Ids.parse("id", id);
    UUID other = Ids.parse("otherId", otherId);
    int size = Paging.of(null, pageSize).pageSize();
    Position position = cursor == null ? null : Position.of(cursor);
    if (agent.equals(other)) {
      throw MatchError.SAME_AGENT.because("Name two different agents.");
    }
    Map<UUID, AgentEntry> known = agents.byId(List.of(agent, other));
    Opponents.Tally tally = opponents.tally(agent, other);
    List<Match> found = opponents.last(agent, other, position, size + 1);
    List<Match> shown = found.subList(0, Math.min(found.size(), size));
    return new Versus(
        agent,
        nameOf(agent, known),
        other,
        nameOf(other, known),
        tally.wins(),
        tally.losses(),
        tally.draws(),
        tally.matches(),
        views.of(shown),
        found.size() > size
            ? new Position(shown.getLast().completedAt(), shown.getLast().id()).cursor()
            : null);
  }

  private static String nameOf(UUID agentId, Map<UUID, AgentEntry> known) {
    AgentEntry agent = known.get(agentId);
    if (agent == null) {
      throw MatchError.AGENT_NOT_FOUND.because("There is no agent %s.".formatted(agentId));
    }
    return agent.name();
  }

  /**
   * How an agent did against another one.
   *
   * @param agentName its name now, or that it was deleted
   * @param opponentName as well
   * @param totalMatches wins, losses, draws, and matches in which both failed at once
   * @param matches the last ones
   * @param nextCursor where the list goes on; left out at its end
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Versus(
      UUID agentId,
      String agentName,
      UUID opponentId,
      String opponentName,
      long wins,
      long losses,
      long draws,
      long totalMatches,
      List<MatchView> matches,
      String nextCursor) {}
}
