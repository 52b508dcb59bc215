package org.rlarena.rating.board;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.rating.RatingConfig;
import org.rlarena.rating.RatingError;
import org.rlarena.rating.directory.KnownAgent;

/** What the ledger says about one agent. */
@ApplicationScoped
class AgentRecords {

  private final EntityManager entities;
  private final int start;

  AgentRecords(EntityManager entities, RatingConfig config) {
    this.entities = entities;
    this.start = config.start();
  }

  /** Refuses an agent that is not known or was deleted, with {@code agent_not_found}. */
  void requireAgent(UUID agentId) {
    if (Optional.ofNullable(entities.find(KnownAgent.class, agentId))
        .filter(agent -> !agent.isDeleted())
        .isEmpty()) {
      throw RatingError.AGENT_NOT_FOUND.because(
          "There is no agent with this id; take an id from GET /api/v1/agents.");
    }
  }

  /** Where the agent stands now. */
  Standing standing(UUID agentId) {
    return entities
        .createQuery(
            "select r.elo, r.wins, r.losses, r.draws from Rating r where r.agentId = :agent",
            Standing.class)
        .setParameter("agent", agentId)
        .getResultStream()
        .findFirst()
        .orElse(new Standing(start, 0, 0, 0));
  }

  /** Opponents of rated matches; the most frequent first, then the most often beaten. */
  List<OpponentStats> opponents(UUID agentId) {
    return entities
        .createQuery(
            """
            select theirs.agentId,
              coalesce(max(a.name), :deletedName),
              sum(case when own.rank < theirs.rank then 1 else 0 end),
              sum(case when own.rank > theirs.rank then 1 else 0 end),
              sum(case when own.rank = theirs.rank then 1 else 0 end)
            from LedgerEntry e join e.changes own join e.changes theirs
              left join KnownAgent a on a.id = theirs.agentId
            where own.agentId = :agent and theirs.agentId <> :agent
            group by theirs.agentId
            order by count(*) desc, sum(case when own.rank < theirs.rank then 1 else 0 end) desc,
              theirs.agentId
            """,
            OpponentStats.class)
        .setParameter("agent", agentId)
        .setParameter("deletedName", KnownAgent.DELETED_NAME)
        .getResultList();
  }

  /** The agent's rated matches, newest first. */
  List<RatingPoint> history(UUID agentId, int page, int size) {
    return entities
        .createQuery(
            """
            select e.number, e.matchId, c.submissionId, c.version, c.rank, c.outcome,
              c.ratingBefore, c.ratingAfter, c.change, e.finishedAt, e.ratedAt
            from LedgerEntry e join e.changes c
            where c.agentId = :agent order by c.sequence desc
            """,
            RatingPoint.class)
        .setParameter("agent", agentId)
        .setFirstResult((page - 1) * size)
        .setMaxResults(size)
        .getResultList();
  }

  /**
   * @param elo rating, in Elo points
   */
  record Standing(int elo, int wins, int losses, int draws) {
    int matches() {
      return wins + losses + draws;
    }

    /** Share of rated matches won, 0 to 1; 0 without matches. */
    double winRate() {
      return matches() == 0 ? 0 : (double) wins / matches();
    }
  }
}
