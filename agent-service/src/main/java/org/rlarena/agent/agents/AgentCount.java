package org.rlarena.agent.agents;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.hibernate.annotations.Immutable;

/** How many living agents an environment has. Written by a trigger of the database alone. */
@Entity
@Immutable
@Table(name = "agent_count")
class AgentCount {

  /** Stands for all environments together; no slug has such a sign. */
  static final String ALL = "*";

  @Id
  @Column(name = "environment_id")
  String environmentId;

  @Column(name = "living")
  long living;

  protected AgentCount() {}
}
