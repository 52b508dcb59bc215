package org.rlarena.rating.directory;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.Immutable;

/**
 * An agent as agent-service last told of it. Written by {@link Directory} alone; of a deleted agent
 * only id, sequence and the mark are left.
 */
@Entity
@Immutable
@Table(name = "known_agent")
public class KnownAgent {

  /** How a deleted agent is named wherever its matches are still shown. */
  public static final String DELETED_NAME = "deleted agent";

  @Id UUID id;
  UUID ownerId;
  String name;
  String description;
  String environmentId;
  Instant createdAt;
  Instant updatedAt;
  boolean deleted;

  protected KnownAgent() {}

  /** Whether its owner deleted it. */
  public boolean isDeleted() {
    return deleted;
  }
}
