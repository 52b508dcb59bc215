package org.rlarena.match.matches;

import jakarta.annotation.security.RolesAllowed;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.rlarena.access.Caller;
import org.rlarena.match.directory.AgentEntry;
import org.rlarena.match.directory.Agents;

/** The calling user's last matches, one part of what {@code GET /users/me} shows. */
@Path("/api/v1/users/me/match-history")
@RolesAllowed("user")
@Tag(name = "users")
public class OwnMatchesResource {

  private static final int SHOWN = 10;

  private final EntityManager entities;
  private final Agents agents;
  private final Caller caller;

  OwnMatchesResource(EntityManager entities, Agents agents, Caller caller) {
    this.entities = entities;
    this.agents = agents;
    this.caller = caller;
  }

  @GET
  @Transactional
  @Operation(summary = "The last played matches of the caller's agents")
  public MatchHistory matches() {
    UUID user = caller.userId();
    List<Match> played = played(user);
    Map<UUID, AgentEntry> known =
        agents.byId(
            played.stream()
                .flatMap(match -> match.participants().stream())
                .map(Participant::agentId)
                .distinct()
                .toList());
    return new MatchHistory(played.stream().map(match -> Entry.of(match, user, known)).toList());
  }

  /** A match between two own agents is found by the seat of each, and is one all the same. */
  private List<Match> played(UUID user) {
    return entities
        .createQuery(
            "select m from Participant p join p.match m where p.ownerId = :user"
                + " and p.playedAt is not null order by p.playedAt desc, p.id desc",
            Match.class)
        .setParameter("user", user)
        .setMaxResults(2 * SHOWN)
        .getResultStream()
        .distinct()
        .limit(SHOWN)
        .toList();
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

    static Entry of(Match match, UUID user, Map<UUID, AgentEntry> known) {
      Participant own =
          match.participants().stream()
              .filter(seated -> seated.ownerId().equals(user))
              .findFirst()
              .orElseThrow();
      String others =
          match.participants().stream()
              .filter(seated -> seated != own)
              .map(seated -> nameOf(seated, known))
              .collect(Collectors.joining(", "));
      return new Entry(
          match.id(),
          own.agentId(),
          nameOf(own, known),
          others,
          result(match, own),
          match.environmentId(),
          match.completedAt());
    }

    private static String nameOf(Participant seated, Map<UUID, AgentEntry> known) {
      AgentEntry agent = known.get(seated.agentId());
      return agent == null ? seated.agentName() : agent.name();
    }

    private static String result(Match match, Participant own) {
      MatchResult.Game game = match.game().orElseThrow();
      if (game.outcome() != Outcome.WIN) {
        return game.outcome().wire();
      }
      return own.agentId().equals(game.winnerAgentId()) ? "win" : "loss";
    }
  }
}
