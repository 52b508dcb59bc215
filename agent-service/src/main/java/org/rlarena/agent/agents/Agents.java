package org.rlarena.agent.agents;

import io.quarkus.hibernate.orm.panache.PanacheQuery;
import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Page;
import io.quarkus.panache.common.Parameters;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** All agents, tombstones included. Every method that locks or writes needs a transaction. */
@ApplicationScoped
class Agents implements PanacheRepositoryBase<Agent, UUID> {

  Optional<Agent> living(UUID id) {
    return find("id = ?1 and deletedAt is null", id).firstResultOptional();
  }

  /** The living agent, locked until the transaction ends. */
  Optional<Agent> lockLiving(UUID id) {
    return Optional.ofNullable(findById(id, LockModeType.PESSIMISTIC_WRITE))
        .filter(agent -> !agent.isDeleted());
  }

  /** A user's living agents, locked in the order of their ids. */
  List<Agent> lockLivingOf(UUID user) {
    return find("from Agent where userId = ?1 and deletedAt is null order by id", user)
        .withLock(LockModeType.PESSIMISTIC_WRITE)
        .list();
  }

  long countOf(UUID user) {
    return count("userId = ?1 and deletedAt is null", user);
  }

  /** All agents that a query asks for. */
  List<Agent> all(AgentQuery query) {
    return select(query).list();
  }

  /** One page of them; {@code page} counts from 1. */
  Slice page(AgentQuery query, Paging paging) {
    PanacheQuery<Agent> found = select(query);
    return new Slice(
        found.page(Page.of(paging.page() - 1, paging.pageSize())).list(),
        query.isOfAll() ? living(query.environmentId()) : found.count());
  }

  /** All living agents, or those of an environment; not counted now but kept count of. */
  private long living(Optional<String> environmentId) {
    return getEntityManager()
        .createQuery(
            "select c.living from AgentCount c where c.environmentId = :environment", Long.class)
        .setParameter("environment", environmentId.orElse(AgentCount.ALL))
        .getResultStream()
        .findFirst()
        .orElse(0L);
  }

  /**
   * Takes over a standing unless a newer one is there or the agent is deleted.
   *
   * @param sequence number of rated matches of this agent
   */
  void rate(UUID id, int elo, int wins, int losses, int draws, long sequence) {
    getEntityManager()
        .createNativeQuery(
            "update agent set elo = :elo, wins = :wins, losses = :losses, draws = :draws,"
                + " rating_sequence = :sequence"
                + " where id = :id and rating_sequence < :sequence and deleted_at is null")
        .setParameter("id", id)
        .setParameter("elo", elo)
        .setParameter("wins", wins)
        .setParameter("losses", losses)
        .setParameter("draws", draws)
        .setParameter("sequence", sequence)
        .executeUpdate();
  }

  /**
   * Takes over which version plays, none if empty, unless a newer fact is there or the agent is
   * deleted.
   */
  void activate(UUID id, Optional<UUID> submissionId, long sequence) {
    getEntityManager()
        .createNativeQuery(
            "update agent set active_submission_id = cast(:submission as uuid),"
                + " activation_sequence = :sequence"
                + " where id = :id and activation_sequence < :sequence and deleted_at is null")
        .setParameter("id", id)
        .setParameter("submission", submissionId.map(UUID::toString).orElse(null))
        .setParameter("sequence", sequence)
        .executeUpdate();
  }

  private PanacheQuery<Agent> select(AgentQuery query) {
    StringBuilder where = new StringBuilder("from Agent where deletedAt is null");
    Parameters parameters = new Parameters();
    query
        .environmentId()
        .ifPresent(
            id -> {
              where.append(" and environmentId = :environment");
              parameters.and("environment", id);
            });
    query
        .userId()
        .ifPresent(
            id -> {
              where.append(" and userId = :user");
              parameters.and("user", id);
            });
    query
        .searchPattern()
        .ifPresent(
            pattern -> {
              where.append(" and searchText like :search escape '!'");
              parameters.and("search", pattern);
            });
    return find(where + query.order().orderBy(), parameters);
  }

  /** Some agents and how many there are in all. */
  record Slice(List<Agent> agents, long total) {}
}
