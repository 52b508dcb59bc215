package org.rlarena.matchmaking.queue;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Tuple;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.rlarena.matchmaking.MatchmakingConfig;
import org.rlarena.matchmaking.model.PlayRecord;

/**
 * Finds the agents that could play, with what the rules need of their past. The past is read from
 * the pairings each time: nothing is counted twice or forgotten, whatever happens in between.
 */
@ApplicationScoped
public class Players {

  /** Seats are balanced over this many of an agent's newest games. */
  private static final int SEATS_LOOKED_AT = 100;

  private static final String PLAYABLE =
      """
      from active_version v join roster_agent a on a.id = v.agent_id
      where v.active and a.enabled and not a.deleted
        and not exists (select 1 from pairing_seat s where s.agent_id = v.agent_id and s.open)
        and not exists (
          select 1 from unplayable_submission u where u.submission_id = v.submission_id)
      """;

  private static final String PAST =
      """
      select v.agent_id, a.owner_id, v.environment_id, coalesce(r.elo, :start) elo,
        (select p.closed_at from pairing_seat s join pairing p using (match_id)
          where s.agent_id = v.agent_id and p.state = 'FINISHED'
          order by s.requested_at desc limit 1) last_finished_at,
        (select count(*) from pairing_seat s join pairing p using (match_id)
          where s.agent_id = v.agent_id and s.requested_at >= :today
            and p.state in ('OPEN', 'FINISHED')) matches_today,
        (select count(*) from (select 1 from pairing_seat s join pairing p using (match_id)
          where s.submission_id = v.submission_id and p.rated limit :enough) counted) version_games,
        (select o.agent_id from pairing_seat s join pairing_seat o using (match_id)
          where s.agent_id = v.agent_id and o.seat <> s.seat
          order by s.requested_at desc limit 1) last_opponent,
        (select coalesce(sum(case when late.seat = 0 then 1 else -1 end), 0)
          from (select s.seat from pairing_seat s
            where s.agent_id = v.agent_id order by s.requested_at desc limit :seats) late) surplus
      from active_version v join roster_agent a on a.id = v.agent_id
        left join agent_rating r on r.agent_id = v.agent_id
      where v.agent_id in (:agents) and v.active and a.enabled and not a.deleted
        and not exists (select 1 from pairing_seat s where s.agent_id = v.agent_id and s.open)
        and not exists (
          select 1 from unplayable_submission u where u.submission_id = v.submission_id)
      """;

  private final EntityManager entities;
  private final MatchmakingConfig config;

  Players(EntityManager entities, MatchmakingConfig config) {
    this.entities = entities;
    this.config = config;
  }

  Optional<Playable> find(UUID agentId, Instant now) {
    return Optional.ofNullable(find(List.of(agentId), now).get(agentId));
  }

  /** Those of the given agents that could play, by agent. */
  public Map<UUID, Playable> find(Collection<UUID> agents, Instant now) {
    if (agents.isEmpty()) {
      return Map.of();
    }
    @SuppressWarnings("unchecked")
    Stream<Tuple> rows =
        entities
            .createNativeQuery(PAST, Tuple.class)
            .setParameter("agents", agents)
            .setParameter("start", config.startRating())
            .setParameter("enough", config.cooldownFreeGames())
            .setParameter("seats", SEATS_LOOKED_AT)
            .setParameter("today", startOfDay(now))
            .getResultStream();
    return rows.map(Players::playable)
        .collect(Collectors.toMap(Playable::agentId, Function.identity()));
  }

  /** Agents that could play but have no queue entry: there should be none. */
  List<UUID> forgotten(int limit) {
    Stream<?> found =
        entities
            .createNativeQuery(
                "select v.agent_id "
                    + PLAYABLE
                    + " and not exists (select 1 from queue_entry q where q.agent_id = v.agent_id)",
                UUID.class)
            .setMaxResults(limit)
            .getResultStream();
    return found.<UUID>map(UUID.class::cast).toList();
  }

  private static Playable playable(Tuple row) {
    return new Playable(
        row.get("agent_id", UUID.class),
        row.get("owner_id", UUID.class),
        row.get("environment_id", String.class),
        row.get("elo", Integer.class),
        new PlayRecord(
            Optional.ofNullable(row.get("last_finished_at", Instant.class)),
            row.get("matches_today", Number.class).intValue(),
            row.get("version_games", Number.class).intValue(),
            Optional.ofNullable(row.get("last_opponent", UUID.class)),
            row.get("surplus", Number.class).intValue()));
  }

  private static Instant startOfDay(Instant now) {
    return now.atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.DAYS).toInstant();
  }
}
