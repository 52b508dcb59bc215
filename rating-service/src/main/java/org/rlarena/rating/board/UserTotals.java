package org.rlarena.rating.board;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Tuple;
import java.util.UUID;

/** What the ledger and the boards say about all agents of a user together. */
@ApplicationScoped
class UserTotals {

  /**
   * One statement, and not through entities: the entity of a change would have its match read.
   * Without an own agent that plays there is nothing to be better than, and {@code best} is null.
   */
  private static final String TOTALS =
      """
      with best as (
        select max(e.elo) as elo from known_agent a join board_entry e on e.agent_id = a.id
        where not a.deleted and a.owner_id = :user and e.listed and e.playing)
      select count(distinct number) as matches, count(*) filter (where outcome = 'WIN') as wins,
        (select elo from best) as best,
        (select count(*) from board_entry e
         where e.listed and e.playing and e.elo > (select elo from best)) as better
      from ledger_change where owner_id = :user
      """;

  private final EntityManager entities;
  private final StartRating start;

  UserTotals(EntityManager entities, StartRating start) {
    this.entities = entities;
    this.start = start;
  }

  /**
   * @param totalMatches rated matches with an own agent; one between two of them counts once
   * @param totalWins those won by an own agent
   * @param bestRank best place of an own agent among all agents that have a version that plays,
   *     over all environments together; equal ratings share a place. 0 when none of the user's
   *     plays
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
    return new Totals(
        found.get("matches", Long.class),
        found.get("wins", Long.class),
        found.get("best") == null ? 0 : 1 + found.get("better", Long.class));
  }
}
