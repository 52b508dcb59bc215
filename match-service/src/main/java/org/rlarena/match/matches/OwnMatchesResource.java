package org.rlarena.match.matches;

import static java.util.stream.Collectors.collectingAndThen;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;

import jakarta.annotation.security.RolesAllowed;
import jakarta.persistence.EntityManager;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.access.Caller;
import org.rlarena.match.directory.AgentEntry;

/** The calling user's last matches, one part of what {@code GET /users/me} shows. */
@Path("/api/v1/users/me/match-history")
@RolesAllowed("user")
@Tag(name = "users")
public class OwnMatchesResource {

  /**
   * The seats of the last matches, in the order of {@link Seated}'s components. All seats of a
   * match are played at the same time, and a match between two own agents is one all the same.
   */
  private static final String SEATS =
      """
      select m.id, m.environmentId, m.completedAt, m.game.outcome, m.game.winnerAgentId, p.agentId,
        coalesce(case when a.deleted then '%s' else a.name end, p.agentName), p.ownerId
      from (
          select distinct o.match.id as id, o.playedAt as playedAt from Participant o
          where o.ownerId = :user and o.playedAt is not null
          order by o.playedAt desc, o.match.id limit 10) last
        join Match m on m.id = last.id
        join Participant p on p.match.id = last.id
        left join AgentEntry a on a.agentId = p.agentId
      order by last.playedAt desc, last.id, p.seat
      """
          .formatted(AgentEntry.DELETED_NAME);

  private final EntityManager entities;
  private final Caller caller;

  OwnMatchesResource(EntityManager entities, Caller caller) {
    this.entities = entities;
    this.caller = caller;
  }

  /** Values of one statement, without a transaction: this is asked often. */
  @GET
  @Operation(summary = "The last played matches of the caller's agents")
  public MatchHistory matches() {
    UUID user = caller.userId();
    return new MatchHistory(
        entities
            .createQuery(SEATS, Seated.class)
            .setParameter("user", user)
            .getResultList()
            .stream()
            .collect(
                groupingBy(
                    Seated::matchId,
                    LinkedHashMap::new,
                    collectingAndThen(toList(), seats -> Entry.of(seats, user))))
            .values()
            .stream()
            .toList());
  }

  /**
   * A seat and its match.
   *
   * @param name the agent's name now, or that it was deleted
   */
  record Seated(
      UUID matchId,
      String environmentId,
      Instant completedAt,
      Outcome outcome,
      UUID winnerAgentId,
      UUID agentId,
      String name,
      UUID ownerId) {

    private String result() {
      if (outcome != Outcome.WIN) {
        return outcome.wire();
      }
      return agentId.equals(winnerAgentId) ? "win" : "loss";
    }
  }

  /** The last matches, newest first. */
  public record MatchHistory(List<Entry> matchHistory) {}

  /**
   * A match in the words of the reference's profile page.
   *
   * @param agent the own agent; the one in the lower seat when there are several
   * @param opponent who played against it
   * @param result {@code win}, {@code loss}, {@code draw}, or {@code no_contest} when all failed
   * @param competition what was played
   * @param timestamp when it ended
   */
  public record Entry(
      UUID id,
      UUID agentId,
      String agent,
      String opponent,
      String result,
      String competition,
      Instant timestamp) {

    private static Entry of(List<Seated> seats, UUID user) {
      Seated own =
          seats.stream().filter(seat -> seat.ownerId.equals(user)).findFirst().orElseThrow();
      return new Entry(
          own.matchId,
          own.agentId,
          own.name,
          seats.stream().filter(seat -> seat != own).map(Seated::name).collect(joining(", ")),
          own.result(),
          own.environmentId,
          own.completedAt);
    }
  }
}
