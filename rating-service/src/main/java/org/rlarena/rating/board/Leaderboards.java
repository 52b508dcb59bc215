package org.rlarena.rating.board;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.util.List;
import org.rlarena.rating.RatingConfig;

/**
 * Agents by rating. An agent without a rated match stands at the start rating; deleted agents are
 * not on any board.
 */
@ApplicationScoped
class Leaderboards {

  private static final String ROWS =
      """
      select a.id, a.ownerId, coalesce(u.username, ''), a.name, a.description, a.environmentId,
        coalesce(r.elo, :start), coalesce(r.wins, 0), coalesce(r.losses, 0), coalesce(r.draws, 0),
        s.submissionId, a.createdAt, a.updatedAt,
        rank() over (order by coalesce(r.elo, :start) desc)
      from KnownAgent a
        left join Rating r on r.agentId = a.id
        left join KnownUser u on u.id = a.ownerId
      """;
  private static final String BEST_FIRST =
      " order by coalesce(r.elo, :start) desc, a.createdAt desc, a.id";
  private static final String ALL =
      "left join ActiveSubmission s on s.agentId = a.id and s.active where not a.deleted";
  private static final String PLAYING =
      "join ActiveSubmission s on s.agentId = a.id and s.active"
          + " where not a.deleted and a.environmentId = :environment";

  private final EntityManager entities;
  private final int start;

  Leaderboards(EntityManager entities, RatingConfig config) {
    this.entities = entities;
    this.start = config.start();
  }

  /** Every agent of every environment, with or without a version that plays. */
  List<BoardRow> overall(int page, int size) {
    return entities
        .createQuery(ROWS + ALL + BEST_FIRST, BoardRow.class)
        .setParameter("start", start)
        .setFirstResult((page - 1) * size)
        .setMaxResults(size)
        .getResultList();
  }

  long countOverall() {
    return entities
        .createQuery("select count(*) from KnownAgent a where not a.deleted", Long.class)
        .getSingleResult();
  }

  /** The agents of an environment that have a version that plays. */
  List<BoardRow> of(String environmentId, int page, int size) {
    return entities
        .createQuery(ROWS + PLAYING + BEST_FIRST, BoardRow.class)
        .setParameter("start", start)
        .setParameter("environment", environmentId)
        .setFirstResult((page - 1) * size)
        .setMaxResults(size)
        .getResultList();
  }

  long countOf(String environmentId) {
    return entities
        .createQuery("select count(*) from KnownAgent a " + PLAYING, Long.class)
        .setParameter("environment", environmentId)
        .getSingleResult();
  }
}
