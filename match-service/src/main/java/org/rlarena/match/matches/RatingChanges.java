package org.rlarena.match.matches;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** How matches moved ratings, as rating-service told. */
@ApplicationScoped
class RatingChanges {

  private final EntityManager entities;

  RatingChanges(EntityManager entities) {
    this.entities = entities;
  }

  /** Takes a change; the highest ledger number wins, so a repeat changes nothing. */
  void put(UUID matchId, UUID agentId, long ledgerNumber, int change) {
    entities
        .createNativeQuery(
            """
            insert into rating_change (match_id, agent_id, ledger_number, change)
            values (:match, :agent, :ledger, :change)
            on conflict (match_id, agent_id) do update
              set ledger_number = excluded.ledger_number, change = excluded.change
              where excluded.ledger_number > rating_change.ledger_number
            """)
        .setParameter("match", matchId)
        .setParameter("agent", agentId)
        .setParameter("ledger", ledgerNumber)
        .setParameter("change", change)
        .executeUpdate();
  }

  /** Change by agent, by match, for those of the matches that were rated. */
  Map<UUID, Map<UUID, Integer>> of(Collection<UUID> matchIds) {
    @SuppressWarnings("unchecked")
    List<Object[]> rows =
        entities
            .createNativeQuery(
                "select match_id, agent_id, change from rating_change where match_id in (:ids)",
                Object[].class)
            .setParameter("ids", matchIds)
            .getResultList();
    Map<UUID, Map<UUID, Integer>> changes = new HashMap<>();
    for (Object[] row : rows) {
      changes
          .computeIfAbsent((UUID) row[0], match -> new HashMap<>())
          .put((UUID) row[1], ((Number) row[2]).intValue());
    }
    return changes;
  }
}
