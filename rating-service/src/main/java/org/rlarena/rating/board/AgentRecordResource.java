package org.rlarena.rating.board;

import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.rating.Parameters;

/** An agent's records; rated matches only. */
@Path("/api/v1/agents/{id}")
@Tag(name = "agents")
public class AgentRecordResource {

  private final AgentRecords records;

  AgentRecordResource(AgentRecords records) {
    this.records = records;
  }

  /**
   * @param stats one per opponent
   * @param total number of opponents
   * @param elo rating, in Elo points
   * @param winRate share of rated matches won, 0 to 1
   */
  record Stats(
      UUID agentId,
      List<OpponentStats> stats,
      int total,
      int elo,
      int wins,
      int losses,
      int draws,
      int totalMatches,
      double winRate) {}

  /**
   * @param total rated matches in all
   */
  record History(UUID agentId, List<RatingPoint> ratings, int total, int page, int pageSize) {}

  @GET
  @Path("stats")
  @Transactional
  @Operation(summary = "Rated matches of an agent, by opponent")
  public Stats stats(@PathParam("id") String id) {
    UUID agentId = Parameters.agentId(id);
    records.requireAgent(agentId);
    var opponents = records.opponents(agentId);
    var standing = records.standing(agentId);
    return new Stats(
        agentId,
        opponents,
        opponents.size(),
        standing.elo(),
        standing.wins(),
        standing.losses(),
        standing.draws(),
        standing.matches(),
        standing.winRate());
  }

  @GET
  @Path("ratings")
  @Transactional
  @Operation(summary = "How an agent's rating moved, newest match first")
  public History ratings(
      @PathParam("id") String id,
      @QueryParam("page") String page,
      @QueryParam("pageSize") String pageSize) {
    UUID agentId = Parameters.agentId(id);
    int number = Parameters.page(page);
    int size = Parameters.size("pageSize", pageSize);
    records.requireAgent(agentId);
    return new History(
        agentId,
        records.history(agentId, number, size),
        records.standing(agentId).matches(),
        number,
        size);
  }
}
