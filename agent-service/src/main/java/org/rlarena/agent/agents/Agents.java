package org.rlarena.agent.agents;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.persistence.TypedQuery;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** All agents, tombstones included. Every method that locks or writes needs a transaction. */
@ApplicationScoped
class Agents implements PanacheRepositoryBase<Agent, UUID> {

  /** In the order of {@link AgentView}'s components. */
  private static final String VIEWS =
      """
      select a.elo, a.id, a.userId, coalesce(o.username, ''), a.name, a.description,
        a.environmentId, a.elo, a.wins, a.losses, a.draws, a.wins + a.losses + a.draws,
        a.activeSubmissionId, a.createdAt, a.updatedAt, 0
      from Agent a left join Owner o on o.userId = a.userId""";

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

  /** A living agent as clients see it. */
  Optional<AgentView> view(UUID id) {
    return views(Filter.living().and("a.id = :id", "id", Optional.of(id)), "", 0).stream()
        .findFirst();
  }

  /** All agents that a query asks for. Needs no transaction: it is one statement. */
  List<AgentView> all(AgentQuery query) {
    return views(Filter.of(query), query.order().orderBy(), 0);
  }

  /** One page of them; {@code page} counts from 1. Needs no transaction either. */
  Slice page(AgentQuery query, Paging paging) {
    Filter filter = Filter.of(query);
    return new Slice(
        views(filter, query.order().orderBy() + paging.limit(), paging.skipped()),
        query.isOfAll() ? living(query.environmentId()) : count(filter));
  }

  /** Values alone: these lists are read often, and entities would be tracked for nothing. */
  private List<AgentView> views(Filter filter, String end, int skipped) {
    TypedQuery<AgentView> query =
        filter.fill(
            getEntityManager().createQuery(VIEWS + filter.condition() + end, AgentView.class));
    if (skipped > 0) {
      query.setParameter("skipped", skipped);
    }
    return query.getResultList();
  }

  private long count(Filter filter) {
    return filter
        .fill(
            getEntityManager()
                .createQuery("select count(*) from Agent a" + filter.condition(), Long.class))
        .getSingleResult();
  }

  /** All living agents, or those of an environment; not counted now but kept count of. */
  private long living(Optional<String> environmentId) {
    return Optional.ofNullable(
            getEntityManager()
                .createQuery(
                    "select c.living from AgentCount c where c.environmentId = :environment",
                    Long.class)
                .setParameter("environment", environmentId.orElse(AgentCount.ALL))
                .getSingleResultOrNull())
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

  /** Some agents and how many there are in all. */
  record Slice(List<AgentView> agents, long total) {}

  /** A condition on agents {@code a}, with the values of its parameters. */
  private record Filter(String condition, Map<String, Object> values) {

    static Filter living() {
      return new Filter(" where a.deletedAt is null", Map.of());
    }

    static Filter of(AgentQuery query) {
      return living()
          .and("a.environmentId = :environment", "environment", query.environmentId())
          .and("a.userId = :user", "user", query.userId())
          .and("a.searchText like :search escape '!'", "search", query.searchPattern());
    }

    Filter and(String more, String name, Optional<?> value) {
      if (value.isEmpty()) {
        return this;
      }
      Map<String, Object> all = new HashMap<>(values);
      all.put(name, value.get());
      return new Filter(condition + " and " + more, all);
    }

    <T> TypedQuery<T> fill(TypedQuery<T> query) {
      values.forEach(query::setParameter);
      return query;
    }
  }
}
