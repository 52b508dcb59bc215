package org.rlarena.submission.agents;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.util.UUID;
import org.hibernate.annotations.DynamicUpdate;

/**
 * An agent as submission-service sees it. Name, owner and environment are a projection written by
 * {@link Agents#learn}; the counters are this service's own and change only under the row lock that
 * {@link Agents#lock} takes, which is what keeps version numbers and activations free of races.
 */
@Entity
@Table(name = "agent")
@DynamicUpdate
public class Agent {

  @Id private UUID id;

  @Column(name = "owner_id", updatable = false)
  private UUID ownerId;

  @Column(updatable = false)
  private String name;

  @Column(name = "environment_id", updatable = false)
  private String environmentId;

  @Column(name = "projected_sequence", updatable = false)
  private long projectedSequence;

  @Column(updatable = false)
  private boolean deleted;

  @Column(name = "last_version")
  private int lastVersion;

  @Column(name = "highest_passed_version")
  private int highestPassedVersion;

  @Column(name = "owner_chose_at_version")
  private int ownerChoseAtVersion;

  @Column(name = "activation_sequence")
  private long activationSequence;

  protected Agent() {}

  /** An agent without any version yet. */
  public Agent(AgentSnapshot known) {
    this.id = known.agentId();
    this.ownerId = known.ownerId();
    this.name = known.name();
    this.environmentId = known.environmentId();
    this.projectedSequence = known.sequence();
  }

  public UUID id() {
    return id;
  }

  /** Owner, or null for a deleted agent. */
  public UUID ownerId() {
    return ownerId;
  }

  /** Name, or null for a deleted agent. */
  public String name() {
    return name;
  }

  /** Slug of the environment, or null for a deleted agent. */
  public String environmentId() {
    return environmentId;
  }

  /** Whether only the tombstone is left. */
  public boolean isDeleted() {
    return deleted;
  }

  public boolean isOwnedBy(UUID userId) {
    return !deleted && ownerId.equals(userId);
  }

  /** The projected part; only for an agent that is not deleted. */
  AgentSnapshot snapshot() {
    return new AgentSnapshot(id, projectedSequence, ownerId, name, environmentId);
  }

  /** Gives out the next version number, starting at 1. */
  public int nextVersion() {
    return ++lastVersion;
  }

  /**
   * Records that a version passed its build and decides whether it is to play: only if no higher
   * version has passed and the owner has not chosen a version by hand since this one was uploaded.
   */
  public boolean playsOncePassed(int version) {
    boolean plays = version > highestPassedVersion && version > ownerChoseAtVersion;
    highestPassedVersion = Math.max(highestPassedVersion, version);
    return plays;
  }

  /**
   * The owner chose a version by hand: versions uploaded so far do not replace it by themselves.
   */
  public void ownerChose() {
    ownerChoseAtVersion = lastVersion;
  }

  /** Gives out the sequence of the next activation or deactivation, starting at 1. */
  public long nextActivation() {
    return ++activationSequence;
  }

  /** Sequence of the latest activation or deactivation, 0 before the first. */
  public long activationSequence() {
    return activationSequence;
  }
}
