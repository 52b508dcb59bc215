package org.rlarena.rating.board;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Tuple;
import java.util.UUID;

/** What the ledger and the boards say about all agents of a user together. */
@ApplicationScoped
class UserTotals {

  /**
   * Without an own agent that plays there is nothing to be better than, and {@code best} is null.
   */
  private static final String TOTALS =
      """
      select coalesce(t.matches, 0) as matches, coalesce(t.wins, 0) as wins, (
          select max(e.elo) from board_entry e
          where e.owner_id = :user and e.listed and e.playing) as best
      from (select cast(:user as uuid) as id) u left join user_total t on t.owner_id = u.id
      """;

  private final EntityManager entities;
  private final StartRating start;
  private final PlayingRatings ratings;

  UserTotals(EntityManager entities, StartRating start, PlayingRatings ratings) {
    this.entities = entities;
    this.start = start;
    this.ratings = ratings;
  }

  /**
   * @param totalMatches rated matches with an own agent; one between two of them counts once
   * @param totalWins those won by an own agent
   * @param bestRank best place of an own agent among all agents that have a version that plays,
   *     over all environments together; equal ratings share a place. 0 when none of the user's
   *     plays. What others have won or lost within the last second may not show yet.
   */
  record Totals(long totalMatches, long totalWins, long bestRank) {}

  Totals of(UUID userId) {
    start.ensure();
    Tuple found =
        (Tuple)
            entities
                .createNativeQuery(TOTALS, Tuple.class)
                .setParameter("user", userId)
                .getSingleResult();
    Integer best = found.get("best", Integer.class);
    return new Totals(
        found.get("matches", Long.class),
        found.get("wins", Long.class),
        best == null ? 0 : 1 + ratings.above(best));
  }
}
