package org.rlarena.rating.directory;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.util.UUID;

/**
 * Writes the projections. Each statement changes a row only for a higher sequence and never a
 * tombstone, so events may come twice or in any order.
 */
@ApplicationScoped
@Transactional(Transactional.TxType.MANDATORY)
class Directory {

  private final EntityManager entities;

  Directory(EntityManager entities) {
    this.entities = entities;
  }

  void put(AgentsListener.AgentChanged agent) {
    entities
        .createNativeQuery(
            """
            insert into known_agent
              (id, sequence, owner_id, name, description, environment_id, created_at, updated_at, deleted)
            values
              (:id, :sequence, :owner, :name, :description, :environment, :created, :updated, false)
            on conflict (id) do update set
              sequence = excluded.sequence, owner_id = excluded.owner_id, name = excluded.name,
              description = excluded.description, environment_id = excluded.environment_id,
              created_at = excluded.created_at, updated_at = excluded.updated_at
            where known_agent.sequence < excluded.sequence and not known_agent.deleted
            """)
        .setParameter("id", agent.agentId())
        .setParameter("sequence", agent.sequence())
        .setParameter("owner", agent.ownerId())
        .setParameter("name", agent.name())
        .setParameter("description", agent.description())
        .setParameter("environment", agent.environmentId())
        .setParameter("created", agent.createdAt())
        .setParameter("updated", agent.updatedAt())
        .executeUpdate();
  }

  void removeAgent(UUID id, long sequence) {
    entities
        .createNativeQuery(
            """
            insert into known_agent (id, sequence, deleted) values (:id, :sequence, true)
            on conflict (id) do update set
              sequence = greatest(known_agent.sequence, excluded.sequence), deleted = true,
              owner_id = null, name = null, description = null, environment_id = null,
              created_at = null, updated_at = null
            """)
        .setParameter("id", id)
        .setParameter("sequence", sequence)
        .executeUpdate();
  }

  void putUser(UUID id, long sequence, String username) {
    entities
        .createNativeQuery(
            """
            insert into known_user (id, sequence, username, deleted)
            values (:id, :sequence, :username, false)
            on conflict (id) do update set
              sequence = excluded.sequence, username = excluded.username
            where known_user.sequence < excluded.sequence and not known_user.deleted
            """)
        .setParameter("id", id)
        .setParameter("sequence", sequence)
        .setParameter("username", username)
        .executeUpdate();
  }

  void removeUser(UUID id, long sequence) {
    entities
        .createNativeQuery(
            """
            insert into known_user (id, sequence, deleted) values (:id, :sequence, true)
            on conflict (id) do update set
              sequence = greatest(known_user.sequence, excluded.sequence), deleted = true,
              username = null
            """)
        .setParameter("id", id)
        .setParameter("sequence", sequence)
        .executeUpdate();
  }

  void putSubmission(UUID agentId, long sequence, UUID submissionId, boolean active) {
    entities
        .createNativeQuery(
            """
            insert into active_submission (agent_id, sequence, submission_id, active)
            values (:agent, :sequence, :submission, :active)
            on conflict (agent_id) do update set
              sequence = excluded.sequence, submission_id = excluded.submission_id,
              active = excluded.active
            where active_submission.sequence < excluded.sequence
            """)
        .setParameter("agent", agentId)
        .setParameter("sequence", sequence)
        .setParameter("submission", submissionId)
        .setParameter("active", active)
        .executeUpdate();
  }
}
