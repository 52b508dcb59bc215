package org.rlarena.matchmaking.queue;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import io.quarkus.panache.common.Sort;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.hibernate.Timeouts;
import org.rlarena.matchmaking.MatchmakingConfig;
import org.rlarena.matchmaking.model.PairingSettings;
import org.rlarena.matchmaking.model.RestPolicy;

/** The agents that want to play. */
@ApplicationScoped
@Transactional(Transactional.TxType.MANDATORY)
public class Queue implements PanacheRepositoryBase<QueueEntry, UUID> {

  /** One round looks at no more agents than this, the longest-waiting ones. */
  private static final int ROUND_SIZE = 2_000;

  private final EntityManager entities;
  private final Players players;
  private final Event<RoundDue> roundDue;
  private final PairingSettings settings;
  private final Clock clock;

  Queue(
      EntityManager entities,
      Players players,
      Event<RoundDue> roundDue,
      MatchmakingConfig config,
      Clock clock) {
    this.entities = entities;
    this.players = players;
    this.roundDue = roundDue;
    this.settings = config.pairing();
    this.clock = clock;
  }

  /**
   * Gives the agent the entry it should have, or takes away one that it should not have. Decides
   * from what is stored, so it may be called at any time and any number of times; changes of one
   * agent follow each other. An agent that waits already keeps its place.
   */
  void reconsider(UUID agentId) {
    lock(agentId);
    Instant now = clock.instant();
    players.find(agentId, now).ifPresentOrElse(agent -> enter(agent, now), () -> leave(agentId));
  }

  /** Gives an entry to agents that should have one and do not; returns how many there were. */
  public int restore() {
    List<UUID> forgotten = players.forgotten(ROUND_SIZE);
    forgotten.stream().sorted().forEach(this::reconsider);
    return forgotten.size();
  }

  /**
   * Takes the entries of agents that may play, for the current transaction; passes over those that
   * another transaction is changing. The longest-waiting come first.
   */
  public List<QueueEntry> lockReady(String environmentId, Instant now) {
    return find(
            "environmentId = ?1 and readyAt <= ?2",
            Sort.by("readyAt").and("agentId"),
            environmentId,
            now)
        .withLock(LockModeType.PESSIMISTIC_WRITE)
        .withHint("jakarta.persistence.lock.timeout", Timeouts.SKIP_LOCKED_MILLI)
        .page(0, ROUND_SIZE)
        .list();
  }

  /** Environments where an agent's window has widened or its rest is over. */
  public List<String> environmentsToLookAt() {
    return entities
        .createQuery(
            "select distinct environmentId from QueueEntry where lookAt <= :now", String.class)
        .setParameter("now", clock.instant())
        .getResultList();
  }

  /** Takes these agents' entries away. */
  public void leave(Collection<UUID> agents) {
    if (!agents.isEmpty()) {
      delete("agentId in ?1", agents);
    }
  }

  private void enter(Playable agent, Instant now) {
    entities
        .createNativeQuery(
            """
            insert into queue_entry (agent_id, environment_id, ready_at, look_at)
            values (:agent, :environment, :readyAt, :readyAt)
            on conflict (agent_id) do update set
              environment_id = excluded.environment_id,
              ready_at = least(queue_entry.ready_at, excluded.ready_at),
              look_at = excluded.look_at
            """)
        .setParameter("agent", agent.agentId())
        .setParameter("environment", agent.environmentId())
        .setParameter("readyAt", RestPolicy.earliest(agent.past(), settings, now))
        .executeUpdate();
    roundDue.fire(new RoundDue(agent.environmentId()));
  }

  private void leave(UUID agentId) {
    delete("agentId", agentId);
  }

  /** A lock on the agent, which may have no row of its own yet; ends with the transaction. */
  private void lock(UUID agentId) {
    entities
        .createNativeQuery(
            "select 1 from pg_advisory_xact_lock(hashtextextended(:agent, 0))", Integer.class)
        .setParameter("agent", agentId.toString())
        .getSingleResult();
  }
}
