package org.rlarena.rating.ledger;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The ratings of all agents that have played. */
@ApplicationScoped
public class Ratings implements PanacheRepositoryBase<Rating, UUID> {

  /**
   * Rows are inserted and locked in the order PostgreSQL sorts ids in, which is that of the text.
   */
  private static final Comparator<MatchFinished.Participant> AGENT_ORDER =
      Comparator.comparing(participant -> participant.agentId().toString());

  private final EntityManager entities;

  Ratings(EntityManager entities) {
    this.entities = entities;
  }

  /**
   * Locks the ratings of a match's participants until the transaction ends, in the order of agent
   * ids, so that matches sharing agents wait for each other instead of deadlocking. An agent's
   * first match creates its row.
   *
   * @param start rating of an agent without matches, in Elo points
   */
  Map<UUID, Rating> lock(MatchFinished match, int start) {
    match.participants().stream()
        .sorted(AGENT_ORDER)
        .forEach(participant -> create(participant, match.environmentId(), start));
    List<UUID> agents =
        match.participants().stream().map(MatchFinished.Participant::agentId).toList();
    return find("agentId in ?1 order by agentId", agents)
        .withLock(LockModeType.PESSIMISTIC_WRITE)
        .stream()
        .collect(Collectors.toMap(rating -> rating.agentId, Function.identity()));
  }

  private void create(MatchFinished.Participant participant, String environmentId, int start) {
    entities
        .createNativeQuery(
            """
            insert into rating (agent_id, environment_id, owner_id, elo, wins, losses, draws)
            values (:agent, :environment, :owner, :start, 0, 0, 0)
            on conflict (agent_id) do nothing
            """)
        .setParameter("agent", participant.agentId())
        .setParameter("environment", environmentId)
        .setParameter("owner", participant.ownerId())
        .setParameter("start", start)
        .executeUpdate();
  }
}
