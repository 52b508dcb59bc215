package org.rlarena.submission.agents;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.util.Optional;
import java.util.UUID;

/**
 * The known agents. Writes repeat safely and may arrive in any order: a lower sequence never
 * replaces a higher one and nothing replaces a tombstone.
 */
@ApplicationScoped
public class Agents implements PanacheRepositoryBase<Agent, UUID> {

  /** Locks the agent's row until the transaction ends; empty when it is not known here. */
  @Transactional(TxType.MANDATORY)
  public Optional<Agent> lock(UUID id) {
    return findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE);
  }

  /** Stores what was learnt of an agent unless something newer, or its tombstone, is there. */
  @Transactional
  public void learn(AgentSnapshot agent) {
    getEntityManager()
        .createNativeQuery(
            """
            INSERT INTO agent (id, owner_id, name, environment_id, projected_sequence)
            VALUES (:id, :owner, :name, :environment, :sequence)
            ON CONFLICT (id) DO UPDATE
              SET owner_id = excluded.owner_id, name = excluded.name,
                  environment_id = excluded.environment_id,
                  projected_sequence = excluded.projected_sequence
              WHERE NOT agent.deleted AND agent.projected_sequence < excluded.projected_sequence
            """)
        .setParameter("id", agent.agentId())
        .setParameter("owner", agent.ownerId())
        .setParameter("name", agent.name())
        .setParameter("environment", agent.environmentId())
        .setParameter("sequence", agent.sequence())
        .executeUpdate();
  }

  /** Leaves only the tombstone of an agent, whether it was known or not. */
  @Transactional(TxType.MANDATORY)
  public void bury(UUID id, long sequence) {
    getEntityManager()
        .createNativeQuery(
            """
            INSERT INTO agent (id, projected_sequence, deleted) VALUES (:id, :sequence, true)
            ON CONFLICT (id) DO UPDATE
              SET deleted = true, owner_id = NULL, name = NULL, environment_id = NULL,
                  projected_sequence = greatest(agent.projected_sequence, excluded.projected_sequence)
            """)
        .setParameter("id", id)
        .setParameter("sequence", sequence)
        .executeUpdate();
  }
}
