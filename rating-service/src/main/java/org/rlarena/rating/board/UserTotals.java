package org.rlarena.rating.board;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.rating.RatingConfig;

/** What the ledger says about all agents of a user together. */
@ApplicationScoped
class UserTotals {

  private final EntityManager entities;
  private final int start;

  UserTotals(EntityManager entities, RatingConfig config) {
    this.entities = entities;
    this.start = config.start();
  }

  /** Rated matches with an agent of the user's; one between two of them counts once. */
  long matches(UUID userId) {
    return entities
        .createQuery(
            "select count(distinct e.number) from LedgerEntry e join e.changes c"
                + " where c.ownerId = :user",
            Long.class)
        .setParameter("user", userId)
        .getSingleResult();
  }

  /** Rated matches that an agent of the user's won. */
  long wins(UUID userId) {
    return entities
        .createQuery(
            "select count(*) from LedgerEntry e join e.changes c"
                + " where c.ownerId = :user and c.outcome = WIN",
            Long.class)
        .setParameter("user", userId)
        .getSingleResult();
  }

  /**
   * Best place of the user's agents among all agents that have a version that plays, over all
   * environments together; equal ratings share a place. 0 when none of the user's plays.
   */
  long bestRank(UUID userId) {
    return best(userId).map(this::rank).orElse(0L);
  }

  private Optional<Integer> best(UUID userId) {
    return Optional.ofNullable(
        entities
            .createQuery(
                "select max(coalesce(r.elo, :start))" + PLAYING + " and a.ownerId = :user",
                Integer.class)
            .setParameter("start", start)
            .setParameter("user", userId)
            .getSingleResult());
  }

  private long rank(int elo) {
    return 1
        + entities
            .createQuery(
                "select count(*)" + PLAYING + " and coalesce(r.elo, :start) > :elo", Long.class)
            .setParameter("start", start)
            .setParameter("elo", elo)
            .getSingleResult();
  }

  private static final String PLAYING =
      """
       from KnownAgent a join ActiveSubmission s on s.agentId = a.id and s.active
        left join Rating r on r.agentId = a.id
      where not a.deleted""";
}
