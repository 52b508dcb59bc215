package org.rlarena.match.matches;

import static java.util.stream.Collectors.collectingAndThen;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;

import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.hibernate.Session;
import org.rlarena.access.Caller;
import org.rlarena.match.directory.AgentEntry;

/** The calling user's last matches, one part of what {@code GET /users/me} shows. */
@Path("/api/v1/users/me/match-history")
@RolesAllowed("user")
@Tag(name = "users")
public class OwnMatchesResource {

  /**
   * The seats of the last matches. All seats of a match are played at the same time, and a match
   * between two own agents is one all the same.
   */
  private static final String SEATS =
      """
      select m.id, m.environment_id, m.completed_at, m.outcome, m.winner_agent_id, p.agent_id,
        coalesce(case when a.deleted then '%s' else a.name end, p.agent_name) as name, p.owner_id
      from (
          select distinct match_id, played_at from match_participant
          where owner_id = :user and played_at is not null
          order by played_at desc, match_id limit 10) last
        join match m on m.id = last.match_id
        join match_participant p on p.match_id = last.match_id
        left join agent_entry a on a.agent_id = p.agent_id
      order by last.played_at desc, last.match_id, p.seat
      """
          .formatted(AgentEntry.DELETED_NAME);

  private final Session entities;
  private final Caller caller;

  OwnMatchesResource(Session entities, Caller caller) {
    this.entities = entities;
    this.caller = caller;
  }

  /** Values of one statement, without a transaction: this is asked often. */
  @GET
  @Operation(summary = "The last played matches of the caller's agents")
  public MatchHistory matches() {
    UUID user = caller.userId();
    List<Seated> seats =
        entities
            .createNativeQuery(SEATS, Object[].class)
            .setParameter("user", user)
            .addScalar("id", UUID.class)
            .addScalar("environment_id", String.class)
            .addScalar("completed_at", Instant.class)
            .addScalar("outcome", String.class)
            .addScalar("winner_agent_id", UUID.class)
            .addScalar("agent_id", UUID.class)
            .addScalar("name", String.class)
            .addScalar("owner_id", UUID.class)
            .setTupleTransformer((row, names) -> Seated.of(row))
            .getResultList();
    return new MatchHistory(
        seats.stream()
            .collect(
                groupingBy(
                    Seated::matchId,
                    LinkedHashMap::new,
                    collectingAndThen(toList(), those -> Entry.of(those, user))))
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
      String outcome,
      UUID winnerAgentId,
      UUID agentId,
      String name,
      UUID ownerId) {

    static Seated of(Object[] row) {
      return new Seated(
          (UUID) row[0],
          (String) row[1],
          (Instant) row[2],
          (String) row[3],
          (UUID) row[4],
          (UUID) row[5],
          (String) row[6],
          (UUID) row[7]);
    }

    private String result() {
      if (!outcome.equals(Outcome.WIN.wire())) {
        return outcome;
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
