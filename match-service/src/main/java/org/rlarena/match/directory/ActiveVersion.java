package org.rlarena.match.directory;

import jakarta.persistence.Column;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.Immutable;

/** Which version of an agent plays. Written by {@link ActiveVersions} alone. */
@Entity
@Immutable
@Table(name = "active_version")
public class ActiveVersion {

  @Id
  @Column(name = "agent_id")
  private UUID agentId;

  @Column(name = "submission_id")
  private UUID submissionId;

  private Integer version;
  @Embedded private Bundle bundle;

  @Column(name = "image_digest")
  private String imageDigest;

  protected ActiveVersion() {}

  /** False when the agent's last version was deactivated. */
  public boolean isActive() {
    return submissionId != null;
  }

  /** The version; null when none is active. */
  public UUID submissionId() {
    return submissionId;
  }

  /** Its number; only when one is active. */
  public int version() {
    return version;
  }

  /** What to play; null when none is active. */
  public Bundle bundle() {
    return bundle;
  }

  /** Digest of the OCI image, if the build made one. */
  public Optional<String> imageDigest() {
    return Optional.ofNullable(imageDigest);
  }
}
