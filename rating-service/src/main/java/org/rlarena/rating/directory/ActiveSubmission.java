package org.rlarena.rating.directory;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;
import org.hibernate.annotations.Immutable;

/**
 * The version with which an agent plays; inactive when it has none at present. Written by {@link
 * Directory} alone.
 */
@Entity
@Immutable
@Table(name = "active_submission")
public class ActiveSubmission {

  @Id UUID agentId;
  UUID submissionId;
  boolean active;

  protected ActiveSubmission() {}
}
