package org.rlarena.match.matches;

import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
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
  @Operation(summary = "Matches, newest first")
  public MatchList list(
      @QueryParam("agentId") String agentId,
      @QueryParam("environmentId") String environmentId,
      @QueryParam("status") String status,
      @QueryParam("page") String page,
      @QueryParam("pageSize") String pageSize) {
    UUID agent = agentId == null ? null : Ids.parse("agentId", agentId);
    MatchState state = status == null ? null : state(status);
    if (environmentId != null && environmentId.indexOf('\0') >= 0) {
      throw MatchError.INVALID_PARAMETER.because("Give 'environmentId' as the id of one.");
    }
    Paging paging = Paging.of(page, pageSize);
    return listOf(matches.page(agent, environmentId, state, paging), paging);
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
    Paging paging = Paging.of(page, pageSize == null ? limit : pageSize);
    return listOf(matches.completed(Ids.parse("agentId", agentId), false, paging), paging);
  }

  @GET
  @Path("/replays")
  @Transactional
  @Operation(summary = "Played matches of an agent that have a replay, the last one first")
  public MatchList replays(
      @QueryParam("agentId") String agentId,
      @QueryParam("page") String page,
      @QueryParam("pageSize") String pageSize) {
    if (agentId == null) {
      throw MatchError.INVALID_PARAMETER.because("Name an agent: ?agentId=...");
    }
    Paging paging = Paging.of(page, pageSize);
    MatchPage found = matches.completed(Ids.parse("agentId", agentId), true, paging);
    List<MatchView> shown =
        views.of(found.matches()).stream().map(MatchView::withRootedReplays).toList();
    return new MatchList(shown, found.total(), paging.page(), paging.pageSize());
  }

  private MatchList listOf(MatchPage found, Paging paging) {
    return new MatchList(
        views.of(found.matches()), found.total(), paging.page(), paging.pageSize());
  }

  private static MatchState state(String text) {
    return MatchState.of(text)
        .orElseThrow(
            () ->
                MatchError.INVALID_PARAMETER.because(
                    "Give 'status' as pending, running, completed, failed or cancelled."));
  }

  /** One match. */
  public record OneMatch(MatchView match) {}

  /**
   * Part of a list.
   *
   * @param total length of the whole list
   */
  public record MatchList(List<MatchView> matches, long total, int page, int pageSize) {}
}
