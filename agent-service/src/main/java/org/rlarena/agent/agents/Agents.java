package org.rlarena.agent.agents;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.query.NativeQuery;

/** All agents, tombstones included. Every method that locks or writes needs a transaction. */
@ApplicationScoped
class Agents implements PanacheRepositoryBase<Agent, UUID> {

  /**
   * In SQL, since lists are read often and come in many texts: Hibernate would read each text for a
   * tenth of a second when it is new and keep what it made of it.
   */
  private static final String COLUMNS =
      """
      a.id, a.user_id, coalesce(o.username, '') as username, a.name, a.description,
      a.environment_id, a.elo, a.wins, a.losses, a.draws, a.active_submission_id, a.created_at,
      a.updated_at""";

  private static final String AGENTS = " from agent a left join owner o on o.user_id = a.user_id";

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
    return views(Filter.living().and("a.id = :id", "id", Optional.of(id)), "").stream().findFirst();
  }

  /** All agents that a query asks for. Needs no transaction: it is one statement. */
  List<AgentView> all(AgentQuery query) {
    return views(Filter.of(query), query.order().orderBy());
  }

  private List<AgentView> views(Filter filter, String end) {
    return select(COLUMNS, filter, end)
        .setTupleTransformer((row, names) -> view(row))
        .getResultList();
  }

  /**
   * One page of them. Needs no transaction either: how many there are in all comes with the rows,
   * and is asked for alone only beyond the last page.
   */
  Slice page(AgentQuery query, Paging paging) {
    Filter filter = Filter.of(query);
    String total = total(query, filter);
    NativeQuery<Object[]> rows =
        select(
                COLUMNS + ", " + total + " as total",
                filter,
                query.order().orderBy() + paging.limit())
            .addScalar("total", Long.class);
    if (paging.skipped() > 0) {
      rows.setParameter("skipped", paging.skipped());
    }
    List<Counted> found =
        rows.setTupleTransformer((row, names) -> new Counted(view(row), (long) row[13]))
            .getResultList();
    return new Slice(
        found.stream().map(Counted::agent).toList(),
        found.isEmpty() ? alone(total, filter) : found.getFirst().total());
  }

  /** How many agents a query asks for: of all, or those of an environment, count is kept. */
  private static String total(AgentQuery query, Filter filter) {
    if (!query.isOfAll()) {
      return "(select count(*) from agent a" + filter.condition() + ")";
    }
    return "coalesce((select c.living from agent_count c where c.environment_id = %s), 0)"
        .formatted(query.environmentId().isPresent() ? ":environment" : "'*'");
  }

  private long alone(String total, Filter filter) {
    NativeQuery<Long> query = getSession().createNativeQuery("select " + total, Long.class);
    filter.fill(query);
    return query.getSingleResult();
  }

  private NativeQuery<Object[]> select(String columns, Filter filter, String end) {
    NativeQuery<Object[]> query =
        getSession()
            .createNativeQuery(
                "select " + columns + AGENTS + filter.condition() + end, Object[].class)
            .addScalar("id", UUID.class)
            .addScalar("user_id", UUID.class)
            .addScalar("username", String.class)
            .addScalar("name", String.class)
            .addScalar("description", String.class)
            .addScalar("environment_id", String.class)
            .addScalar("elo", Integer.class)
            .addScalar("wins", Integer.class)
            .addScalar("losses", Integer.class)
            .addScalar("draws", Integer.class)
            .addScalar("active_submission_id", UUID.class)
            .addScalar("created_at", Instant.class)
            .addScalar("updated_at", Instant.class);
    filter.fill(query);
    return query;
  }

  private static AgentView view(Object[] row) {
    int elo = (int) row[6];
    int wins = (int) row[7];
    int losses = (int) row[8];
    int draws = (int) row[9];
    return new AgentView(
        elo,
        (UUID) row[0],
        (UUID) row[1],
        (String) row[2],
        (String) row[3],
        (String) row[4],
        (String) row[5],
        elo,
        wins,
        losses,
        draws,
        wins + losses + draws,
        (UUID) row[10],
        (Instant) row[11],
        (Instant) row[12],
        0);
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

  private record Counted(AgentView agent, long total) {}

  /** A condition on agents {@code a}, with the values of its parameters. */
  private record Filter(String condition, Map<String, Object> values) {

    static Filter living() {
      return new Filter(" where a.deleted_at is null", Map.of());
    }

    static Filter of(AgentQuery query) {
      return living()
          .and("a.environment_id = :environment", "environment", query.environmentId())
          .and("a.user_id = :user", "user", query.userId())
          .and("a.search_text like :search escape '!'", "search", query.searchPattern());
    }

    Filter and(String more, String name, Optional<?> value) {
      if (value.isEmpty()) {
        return this;
      }
      Map<String, Object> all = new HashMap<>(values);
      all.put(name, value.get());
      return new Filter(condition + " and " + more, all);
    }

    void fill(NativeQuery<?> query) {
      values.forEach(query::setParameter);
    }
  }
}
