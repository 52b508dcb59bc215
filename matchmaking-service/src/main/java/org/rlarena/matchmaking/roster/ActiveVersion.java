package org.rlarena.matchmaking.roster;

import jakarta.persistence.AttributeOverride;
import jakarta.persistence.Column;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.Immutable;

/** The version with which an agent plays. Written by {@link Roster} alone. */
@Entity
@Immutable
@Table(name = "active_version")
public class ActiveVersion {

  @Id UUID agentId;
  boolean active;
  String agentName;
  UUID ownerId;
  String environmentId;
  UUID submissionId;
  Integer version;

  @Embedded
  @AttributeOverride(name = "key", column = @Column(name = "bundle_key"))
  @AttributeOverride(name = "sha256", column = @Column(name = "bundle_sha256"))
  @AttributeOverride(name = "bytes", column = @Column(name = "bundle_bytes"))
  @AttributeOverride(name = "pythonMinor", column = @Column(name = "bundle_python_minor"))
  @AttributeOverride(name = "platform", column = @Column(name = "bundle_platform"))
  Bundle bundle;

  String imageDigest;
  String traceparent;

  protected ActiveVersion() {}

  public UUID agentId() {
    return agentId;
  }

  public String agentName() {
    return agentName;
  }

  public UUID ownerId() {
    return ownerId;
  }

  public UUID submissionId() {
    return submissionId;
  }

  /** The version's number. */
  public int version() {
    return version;
  }

  public Bundle bundle() {
    return bundle;
  }

  /** Null when the build made no image. */
  public String imageDigest() {
    return imageDigest;
  }

  /** The trace of what made it play, such as its upload. */
  public Optional<String> traceparent() {
    return Optional.ofNullable(traceparent);
  }
}
