package org.rlarena.match.directory;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All agents ever heard of, tombstones included. Every write repeats safely. */
@ApplicationScoped
public class Agents implements PanacheRepositoryBase<AgentEntry, UUID> {

  /** Takes the state unless a newer one, or a deletion, is known. */
  public void put(AgentChanged agent) {
    getEntityManager()
        .createNativeQuery(
            """
            insert into agent_entry (agent_id, sequence, owner_id, name, environment_id, enabled)
            values (:id, :sequence, :owner, :name, :environment, :enabled)
            on conflict (agent_id) do update
              set sequence = excluded.sequence, owner_id = excluded.owner_id, name = excluded.name,
                  environment_id = excluded.environment_id, enabled = excluded.enabled
              where excluded.sequence > agent_entry.sequence and not agent_entry.deleted
            """)
        .setParameter("id", agent.agentId())
        .setParameter("sequence", agent.sequence())
        .setParameter("owner", agent.ownerId())
        .setParameter("name", agent.name())
        .setParameter("environment", agent.environmentId())
        .setParameter("enabled", agent.enabled())
        .executeUpdate();
  }

  /**
   * Leaves a tombstone, whatever was known.
   *
   * @return false when there was one already
   */
  public boolean bury(UUID agentId, long sequence) {
    return getEntityManager()
            .createNativeQuery(
                """
                insert into agent_entry (agent_id, sequence, enabled, deleted, logs_to_erase)
                values (:id, :sequence, false, true, true)
                on conflict (agent_id) do update
                  set sequence = greatest(agent_entry.sequence, excluded.sequence), owner_id = null,
                      name = null, environment_id = null, enabled = false, deleted = true,
                      logs_to_erase = true
                  where not agent_entry.deleted
                """)
            .setParameter("id", agentId)
            .setParameter("sequence", sequence)
            .executeUpdate()
        == 1;
  }

  /** Those of the given agents that are known, by id. */
  public Map<UUID, AgentEntry> byId(Collection<UUID> ids) {
    return list("agentId in ?1", ids).stream()
        .collect(Collectors.toMap(AgentEntry::agentId, Function.identity()));
  }
}
