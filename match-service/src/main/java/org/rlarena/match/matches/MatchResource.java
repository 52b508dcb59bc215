package org.rlarena.match.matches;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.match.Ids;
import org.rlarena.match.MatchError;
import org.rlarena.match.Paging;
import org.rlarena.match.matches.Matches.MatchPage;

/** The public pages about matches. Page sizes are clamped to 1 to 100, 20 by default. */
@Path("/api/v1/matches")
@Tag(name = "matches")
public class MatchResource {

  private final Matches matches;
  private final MatchViews views;

  MatchResource(Matches matches, MatchViews views) {
    this.matches = matches;
    this.views = views;
  }

  @GET
  @Transactional
  @Operation(
      summary = "Matches, newest first",
      description =
          "By page, with a total; or by cursor, without page and total: what was shown is never"
              + " shown again, however many matches are made meanwhile.")
  public MatchList list(
      @Parameter(description = "An agent that takes part") @QueryParam("agentId") String agentId,
      @QueryParam("environmentId") String environmentId,
      @Parameter(description = "pending, running, completed, failed or cancelled")
          @QueryParam("status")
          String status,
      @Parameter(description = "Made then or later")
          @Schema(format = "date-time")
          @QueryParam("from")
          String from,
      @Parameter(description = "Made before then") @Schema(format = "date-time") @QueryParam("to")
          String to,
      @QueryParam("page") String page,
      @QueryParam("pageSize") String pageSize,
      @Parameter(description = "The nextCursor of the page before")
          @Schema(pattern = "^" + Position.PATTERN + "$")
          @QueryParam("cursor")
          String cursor) {
    MatchFilter filter = MatchFilter.of(agentId, environmentId, status, from, to);
    Paging paging = Paging.of(page, pageSize);
    if (cursor != null) {
      List<Match> found = matches.after(Position.of(cursor), filter, paging.pageSize() + 1);
      return listOf(found, paging);
    }
    MatchPage found = matches.page(filter, paging);
    MatchList list = listOf(found, paging);
    boolean more = (long) paging.offset() + found.matches().size() < found.total();
    return more && !found.matches().isEmpty() ? list.followedBy(found.matches().getLast()) : list;
  }

  @GET
  @Path("/{id}")
  @Transactional
  @Operation(summary = "One match")
  public OneMatch match(@PathParam("id") String id) {
    UUID matchId = Ids.parse("id", id);
    return new OneMatch(
        matches
            .findByIdOptional(matchId)
            .map(views::of)
            .orElseThrow(
                () -> MatchError.MATCH_NOT_FOUND.because("There is no match %s.".formatted(id))));
  }

  @GET
  @Path("/agent/{agentId}")
  @Transactional
  @Operation(summary = "Played matches of an agent, the last one first")
  public MatchList ofAgent(
      @PathParam("agentId") String agentId,
      @QueryParam("page") String page,
      @QueryParam("pageSize") String pageSize,
      @QueryParam("limit") String limit) {
    Paging limited = Paging.of(page, limit);
    Paging paging = pageSize == null ? limited : Paging.of(page, pageSize);
    return listOf(matches.completed(Ids.parse("agentId", agentId), false, paging), paging);
  }

  @GET
  @Path("/replays")
  @Transactional
  @Operation(summary = "Played matches of an agent that have a replay, the last one first")
  public MatchList replays(
      @Parameter(required = true) @QueryParam("agentId") String agentId,
      @QueryParam("page") String page,
      @QueryParam("pageSize") String pageSize) {
    if (agentId == null) {
      throw MatchError.INVALID_PARAMETER.because("Name an agent: ?agentId=...");
    }
    Paging paging = Paging.of(page, pageSize);
    MatchPage found = matches.completed(Ids.parse("agentId", agentId), true, paging);
    List<MatchView> shown =
        views.of(found.matches()).stream().map(MatchView::withRootedReplays).toList();
    return new MatchList(shown, found.total(), paging.page(), paging.pageSize(), null);
  }

  private MatchList listOf(MatchPage found, Paging paging) {
    return new MatchList(
        views.of(found.matches()), found.total(), paging.page(), paging.pageSize(), null);
  }

  /** The answer to a cursor, of one match more than are wanted, if there is one. */
  private MatchList listOf(List<Match> found, Paging paging) {
    List<Match> shown = found.subList(0, Math.min(found.size(), paging.pageSize()));
    MatchList list = new MatchList(views.of(shown), null, null, paging.pageSize(), null);
    return found.size() > shown.size() ? list.followedBy(shown.getLast()) : list;
  }

  /** One match. */
  public record OneMatch(MatchView match) {}

  /**
   * Part of a list.
   *
   * @param total length of the whole list; left out after a cursor
   * @param page from 1; left out after a cursor
   * @param nextCursor where the list goes on; left out at its end, and where there are no cursors
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record MatchList(
      List<MatchView> matches, Long total, Integer page, int pageSize, String nextCursor) {

    MatchList followedBy(Match last) {
      return new MatchList(
          matches, total, page, pageSize, new Position(last.createdAt(), last.id()).cursor());
    }
  }
}
