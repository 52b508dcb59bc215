package org.rlarena.matchmaking.status;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.matchmaking.MatchmakingConfig;
import org.rlarena.matchmaking.MatchmakingError;
import org.rlarena.matchmaking.model.PairingSettings;
import org.rlarena.matchmaking.model.RestPolicy;
import org.rlarena.matchmaking.queue.Players;
import org.rlarena.matchmaking.queue.QueueEntry;

/** Reads where agents are. */
@ApplicationScoped
@Transactional
class Statuses {

  private final EntityManager entities;
  private final Players players;
  private final PairingSettings settings;
  private final Clock clock;

  Statuses(EntityManager entities, Players players, MatchmakingConfig config, Clock clock) {
    this.entities = entities;
    this.players = players;
    this.settings = config.pairing();
    this.clock = clock;
  }

  List<QueueStatus> queues() {
    return entities
        .createQuery(
            """
            select e.id,
              (select count(*) from QueueEntry q where q.environmentId = e.id and q.readyAt <= :now),
              (select count(*) from QueueEntry q where q.environmentId = e.id and q.readyAt > :now),
              (select count(*) from Pairing p where p.environmentId = e.id and p.state = OPEN)
            from Environment e order by e.id
            """,
            QueueStatus.class)
        .setParameter("now", clock.instant())
        .getResultList();
  }

  /**
   * Where the agent is.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code agent_not_found}
   */
  AgentStatus of(UUID agentId) {
    if (count("select count(*) from roster_agent where id = :agent and not deleted", agentId)
        == 0) {
      throw MatchmakingError.AGENT_NOT_FOUND.because(
          "There is no agent with this id; take an id from GET /api/v1/agents.");
    }
    Instant now = clock.instant();
    long today = matchesToday(agentId, now);
    long remaining = Math.max(0, settings.dailyLimit() - today);
    Optional<Instant> readyAt =
        Optional.ofNullable(entities.find(QueueEntry.class, agentId)).map(QueueEntry::readyAt);
    if (readyAt.isPresent()) {
      Instant ready = readyAt.get();
      return ready.isAfter(now)
          ? new AgentStatus(
              agentId,
              "resting",
              false,
              ready,
              cooldownUntil(agentId, now),
              null,
              today,
              settings.dailyLimit(),
              remaining)
          : new AgentStatus(
              agentId, "waiting", true, null, null, ready, today, settings.dailyLimit(), remaining);
    }
    boolean playing =
        count("select count(*) from pairing_seat where agent_id = :agent and open", agentId) > 0;
    return new AgentStatus(
        agentId,
        playing ? "playing" : "out",
        false,
        null,
        null,
        null,
        today,
        settings.dailyLimit(),
        remaining);
  }

  private Instant cooldownUntil(UUID agentId, Instant now) {
    return Optional.ofNullable(players.find(List.of(agentId), now).get(agentId))
        .flatMap(player -> RestPolicy.cooldownUntil(player.past(), settings, now))
        .orElse(null);
  }

  private long matchesToday(UUID agentId, Instant now) {
    return (Long)
        entities
            .createNativeQuery(
                """
                select count(*) from pairing_seat s join pairing p using (match_id)
                where s.agent_id = :agent and s.requested_at >= :today
                  and p.state in ('OPEN', 'FINISHED')
                """,
                Long.class)
            .setParameter("agent", agentId)
            .setParameter(
                "today", now.atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.DAYS).toInstant())
            .getSingleResult();
  }

  private long count(String sql, UUID agentId) {
    return (Long)
        entities
            .createNativeQuery(sql, Long.class)
            .setParameter("agent", agentId)
            .getSingleResult();
  }
}
