package org.rlarena.match.directory;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;
import org.hibernate.annotations.Immutable;

/** An agent as this service knows it. Written by {@link Agents} alone; read as it is. */
@Entity
@Immutable
@Table(name = "agent_entry")
public class AgentEntry {

  /** What a deleted agent is called everywhere. */
  public static final String DELETED_NAME = "deleted agent";

  @Id
  @Column(name = "agent_id")
  private UUID agentId;

  private long sequence;

  @Column(name = "owner_id")
  private UUID ownerId;

  private String name;

  @Column(name = "environment_id")
  private String environmentId;

  private boolean enabled;
  private boolean deleted;

  protected AgentEntry() {}

  /** The agent. */
  public UUID agentId() {
    return agentId;
  }

  /** Its owner; null when the agent is deleted. */
  public UUID ownerId() {
    return ownerId;
  }

  /** Its current name; {@link #DELETED_NAME} when it is deleted. */
  public String name() {
    return deleted ? DELETED_NAME : name;
  }

  /** The environment it plays; null when the agent is deleted. */
  public String environmentId() {
    return environmentId;
  }

  /** False when an administrator took it out of play. */
  public boolean isEnabled() {
    return enabled;
  }

  /** True once its deletion was seen. */
  public boolean isDeleted() {
    return deleted;
  }
}
