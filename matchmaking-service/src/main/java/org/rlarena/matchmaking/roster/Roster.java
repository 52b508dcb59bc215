package org.rlarena.matchmaking.roster;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hibernate.Session;
import org.rlarena.telemetry.Trace;

/**
 * Reads and writes the projections. Each write changes a row only for a higher sequence and never a
 * tombstone, so events may come twice or in any order.
 */
@ApplicationScoped
@Transactional(Transactional.TxType.MANDATORY)
public class Roster {

  private final EntityManager entities;

  Roster(EntityManager entities) {
    this.entities = entities;
  }

  public void put(AgentChanged agent) {
    entities
        .createNativeQuery(
            """
            insert into roster_agent (id, sequence, owner_id, environment_id, enabled, deleted)
            values (:id, :sequence, :owner, :environment, :enabled, false)
            on conflict (id) do update set
              sequence = excluded.sequence, owner_id = excluded.owner_id,
              environment_id = excluded.environment_id, enabled = excluded.enabled
            where roster_agent.sequence < excluded.sequence and not roster_agent.deleted
            """)
        .setParameter("id", agent.agentId())
        .setParameter("sequence", agent.sequence())
        .setParameter("owner", agent.ownerId())
        .setParameter("environment", agent.environmentId())
        .setParameter("enabled", agent.enabled())
        .executeUpdate();
  }

  public void remove(AgentChanged.Deleted agent) {
    entities
        .createNativeQuery(
            """
            insert into roster_agent (id, sequence, enabled, deleted)
            values (:id, :sequence, false, true)
            on conflict (id) do update set
              sequence = greatest(roster_agent.sequence, excluded.sequence), owner_id = null,
              environment_id = null, enabled = false, deleted = true
            """)
        .setParameter("id", agent.agentId())
        .setParameter("sequence", agent.sequence())
        .executeUpdate();
  }

  public void put(SubmissionActivated version) {
    entities
        .unwrap(Session.class)
        .createNativeMutationQuery(
            """
            insert into active_version
              (agent_id, sequence, active, agent_name, owner_id, environment_id, submission_id,
               version, bundle_key, bundle_sha256, bundle_bytes, bundle_python_minor,
               bundle_platform, image_digest, traceparent)
            values
              (:agent, :sequence, true, :name, :owner, :environment, :submission, :version, :key,
               :sha256, :bytes, :pythonMinor, :platform, :imageDigest, :traceparent)
            on conflict (agent_id) do update set
              sequence = excluded.sequence, active = true, agent_name = excluded.agent_name,
              owner_id = excluded.owner_id, environment_id = excluded.environment_id,
              submission_id = excluded.submission_id, version = excluded.version,
              bundle_key = excluded.bundle_key, bundle_sha256 = excluded.bundle_sha256,
              bundle_bytes = excluded.bundle_bytes,
              bundle_python_minor = excluded.bundle_python_minor,
              bundle_platform = excluded.bundle_platform, image_digest = excluded.image_digest,
              traceparent = excluded.traceparent
            where active_version.sequence < excluded.sequence
            """)
        .setParameter("agent", version.agentId())
        .setParameter("sequence", version.sequence())
        .setParameter("name", version.agentName())
        .setParameter("owner", version.ownerId())
        .setParameter("environment", version.environmentId())
        .setParameter("submission", version.submissionId())
        .setParameter("version", version.version())
        .setParameter("key", version.bundle().key())
        .setParameter("sha256", version.bundle().sha256())
        .setParameter("bytes", version.bundle().bytes())
        .setParameter("pythonMinor", version.bundle().pythonMinor())
        .setParameter("platform", version.bundle().platform())
        .setParameter("imageDigest", version.imageDigest(), String.class)
        .setParameter("traceparent", Trace.current().orElse(null), String.class)
        .executeUpdate();
  }

  public void remove(SubmissionActivated.Deactivated version) {
    entities
        .createNativeQuery(
            """
            insert into active_version (agent_id, sequence, active)
            values (:agent, :sequence, false)
            on conflict (agent_id) do update set sequence = excluded.sequence, active = false
            where active_version.sequence < excluded.sequence
            """)
        .setParameter("agent", version.agentId())
        .setParameter("sequence", version.sequence())
        .executeUpdate();
  }

  /**
   * @param elo rating after the match, in rating points
   * @param sequence number of the agent's rated matches
   */
  public void putRating(UUID agentId, int elo, long sequence) {
    entities
        .createNativeQuery(
            """
            insert into agent_rating (agent_id, sequence, elo) values (:agent, :sequence, :elo)
            on conflict (agent_id) do update set sequence = excluded.sequence, elo = excluded.elo
            where agent_rating.sequence < excluded.sequence
            """)
        .setParameter("agent", agentId)
        .setParameter("sequence", sequence)
        .setParameter("elo", elo)
        .executeUpdate();
  }

  public void put(EnvironmentChanged environment) {
    entities
        .createNativeQuery(
            """
            insert into environment
              (id, sequence, version, enabled, offered, min_players, max_players)
            values (:id, :sequence, :version, :enabled, :offered, :min, :max)
            on conflict (id) do update set
              sequence = excluded.sequence, version = excluded.version,
              enabled = excluded.enabled, offered = excluded.offered,
              min_players = excluded.min_players, max_players = excluded.max_players
            where environment.sequence < excluded.sequence
            """)
        .setParameter("id", environment.environmentId())
        .setParameter("sequence", environment.sequence())
        .setParameter("version", environment.version())
        .setParameter("enabled", environment.enabled())
        .setParameter("offered", environment.offered())
        .setParameter("min", environment.minPlayers())
        .setParameter("max", environment.maxPlayers())
        .executeUpdate();
  }

  /**
   * Takes the environment's row for a round and holds it until the transaction ends: rounds of one
   * environment follow each other, whichever replicas run them.
   */
  public Optional<Environment> lock(String environmentId) {
    return Optional.ofNullable(
        entities.find(Environment.class, environmentId, LockModeType.PESSIMISTIC_WRITE));
  }

  /** All environments in which agents can be paired now. */
  public List<String> environmentsToPair() {
    return entities
        .createQuery("from Environment", Environment.class)
        .getResultStream()
        .filter(Environment::canPair)
        .map(Environment::id)
        .toList();
  }

  /** The versions with which these agents play, by agent. */
  public Map<UUID, ActiveVersion> versions(Collection<UUID> agents) {
    return entities
        .createQuery("from ActiveVersion where active and agentId in :agents", ActiveVersion.class)
        .setParameter("agents", agents)
        .getResultStream()
        .collect(Collectors.toMap(ActiveVersion::agentId, Function.identity()));
  }

  /** Versions that are not to be paired again; a repeat changes nothing. */
  public void markUnplayable(Collection<UUID> submissions) {
    for (UUID submission : submissions) {
      entities
          .createNativeQuery(
              """
              insert into unplayable_submission (submission_id) values (:submission)
              on conflict do nothing
              """)
          .setParameter("submission", submission)
          .executeUpdate();
    }
  }
}
