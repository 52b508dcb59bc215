package org.rlarena.rating.board;

import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.rating.Parameters;

/** The public leaderboards. */
@Path("/api/v1/leaderboard")
@Tag(name = "leaderboard")
public class LeaderboardResource {

  private static final String LIMIT = "Rows per page, 1 to 100 (default 20).";

  private final Leaderboards boards;

  LeaderboardResource(Leaderboards boards) {
    this.boards = boards;
  }

  /**
   * @param total agents on the whole board
   */
  record Overall(List<BoardRow> leaderboard, long total, int page, int limit) {}

  /**
   * @param type as asked for; there is one board so far, for every type
   * @param total agents on the whole board
   */
  record OfEnvironment(
      String environmentId,
      String type,
      List<BoardRow> leaderboard,
      long total,
      int page,
      int limit) {}

  @GET
  @Operation(summary = "All agents of all environments, best first")
  public Overall overall(
      @Parameter(description = LIMIT) @QueryParam("limit") String limit,
      @QueryParam("page") String page) {
    int size = Parameters.size("limit", limit);
    int number = Parameters.page(page);
    return new Overall(boards.overall(number, size), boards.countOverall(), number, size);
  }

  @GET
  @Path("environment/{environmentId}")
  @Operation(summary = "The agents of an environment that have an active version, best first")
  public OfEnvironment ofEnvironment(
      @PathParam("environmentId") String environment,
      @QueryParam("type") @DefaultValue("public") String type,
      @Parameter(description = LIMIT) @QueryParam("limit") String limit,
      @QueryParam("page") String page) {
    String environmentId = Parameters.slug("environmentId", environment);
    int size = Parameters.size("limit", limit);
    int number = Parameters.page(page);
    return new OfEnvironment(
        environmentId,
        Parameters.slug("type", type),
        boards.of(environmentId, number, size),
        boards.countOf(environmentId),
        number,
        size);
  }
}
