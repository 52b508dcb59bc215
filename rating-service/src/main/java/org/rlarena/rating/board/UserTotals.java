package org.rlarena.rating.board;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Tuple;
import java.util.Optional;
import java.util.UUID;

/** What the ledger says about all agents of a user together. */
@ApplicationScoped
class UserTotals {

  private final EntityManager entities;
  private final StartRating start;

  UserTotals(EntityManager entities, StartRating start) {
    this.entities = entities;
    this.start = start;
  }

  /** Matches and wins. */
  record Results(long matches, long wins) {}

  /**
   * Rated matches with an agent of the user's, of which one between two of them counts once, and
   * those that an agent of the user's won.
   */
  Results results(UUID userId) {
    // not through the entity, whose table would have to be read for each match
    Tuple found =
        (Tuple)
            entities
                .createNativeQuery(
                    """
                    select count(distinct number) as matches,
                      count(*) filter (where outcome = 'WIN') as wins
                    from ledger_change where owner_id = :user
                    """,
                    Tuple.class)
                .setParameter("user", userId)
                .getSingleResult();
    return new Results(found.get("matches", Long.class), found.get("wins", Long.class));
  }

  /**
   * Best place of the user's agents among all agents that have a version that plays, over all
   * environments together; equal ratings share a place. 0 when none of the user's plays.
   */
  long bestRank(UUID userId) {
    start.ensure();
    return best(userId).map(this::rank).orElse(0L);
  }

  private Optional<Integer> best(UUID userId) {
    return Optional.ofNullable(
        entities
            .createQuery(
                """
                select max(e.elo) from KnownAgent a join BoardEntry e on e.agentId = a.id
                where not a.deleted and a.ownerId = :user and e.listed and e.playing
                """,
                Integer.class)
            .setParameter("user", userId)
            .getSingleResult());
  }

  private long rank(int elo) {
    return 1
        + entities
            .createQuery(
                "select count(*) from BoardEntry e where e.listed and e.playing and e.elo > :elo",
                Long.class)
            .setParameter("elo", elo)
            .getSingleResult();
  }
}
