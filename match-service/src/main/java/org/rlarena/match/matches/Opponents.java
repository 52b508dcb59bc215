package org.rlarena.match.matches;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.util.List;
import java.util.UUID;

/** Played matches of one agent against another. */
@ApplicationScoped
class Opponents {

  private static final String MEETINGS =
      """
       from Match m join m.participants own join m.participants theirs
      where m.state = COMPLETED and own.agentId = :agent and theirs.agentId = :opponent""";

  private final EntityManager entities;

  Opponents(EntityManager entities) {
    this.entities = entities;
  }

  /** How they ended, rated or not. */
  Tally tally(UUID agentId, UUID opponentId) {
    return entities
        .createQuery(
            """
            select count(*),
              count(case when m.game.outcome <> NO_CONTEST and own.rank < theirs.rank then 1 end),
              count(case when m.game.outcome <> NO_CONTEST and own.rank > theirs.rank then 1 end),
              count(case when m.game.outcome <> NO_CONTEST and own.rank = theirs.rank then 1 end)
            """
                + MEETINGS,
            Tally.class)
        .setParameter("agent", agentId)
        .setParameter("opponent", opponentId)
        .getSingleResult();
  }

  /** As many as are wanted, the last one first; from behind a position, unless it is null. */
  List<Match> last(UUID agentId, UUID opponentId, Position position, int wanted) {
    String after =
        position == null ? "" : " and m.completedAt <= :at and (m.completedAt < :at or m.id < :id)";
    var query =
        entities
            .createQuery(
                "select m" + MEETINGS + after + " order by m.completedAt desc, m.id desc",
                Match.class)
            .setParameter("agent", agentId)
            .setParameter("opponent", opponentId)
            .setMaxResults(wanted);
    if (position != null) {
      query.setParameter("at", position.at()).setParameter("id", position.id());
    }
    return query.getResultList();
  }

  /**
   * How matches ended, from the point of view of the first agent.
   *
   * @param matches all of them; those without contest are neither won, lost nor drawn
   */
  record Tally(long matches, long wins, long losses, long draws) {}
}
