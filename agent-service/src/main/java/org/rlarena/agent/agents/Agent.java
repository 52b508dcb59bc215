package org.rlarena.agent.agents;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/**
 * An agent. Every change of it raises {@code sequence} under the row's lock and is published; the
 * copies of standings and of the active version (see {@link Agents}) do not. A deleted agent stays
 * as a tombstone without name and description.
 */
@Entity
@Table(name = "agent")
class Agent {

  static final String NAME_OF_DELETED = "deleted agent";
  private static final int START_RATING = 1200;

  @Id
  @Column(name = "id")
  UUID id;

  @Column(name = "user_id")
  UUID userId;

  @Column(name = "name")
  String name;

  @Column(name = "description")
  String description;

  /** Name and description as {@link AgentQuery#searchText} folds them. */
  @Column(name = "search_text")
  String searchText;

  @Column(name = "environment_id")
  String environmentId;

  @Column(name = "enabled")
  boolean enabled;

  @Column(name = "sequence")
  long sequence;

  @Column(name = "created_at")
  Instant createdAt;

  @Column(name = "updated_at")
  Instant updatedAt;

  @Column(name = "deleted_at")
  Instant deletedAt;

  @Column(name = "elo")
  int elo;

  @Column(name = "wins")
  int wins;

  @Column(name = "losses")
  int losses;

  @Column(name = "draws")
  int draws;

  /** Rated matches of the newest standing taken over. */
  @Column(name = "rating_sequence")
  long ratingSequence;

  @Column(name = "active_submission_id")
  UUID activeSubmissionId;

  /** Sequence of the newest activation or deactivation taken over. */
  @Column(name = "activation_sequence")
  long activationSequence;

  protected Agent() {}

  static Agent create(
      UUID owner, AgentName name, Description description, String environmentId, Instant now) {
    Agent agent = new Agent();
    agent.id = UUID.randomUUID();
    agent.userId = owner;
    agent.name = name.text();
    agent.description = description.text();
    agent.searchText = AgentQuery.searchText(agent.name, agent.description);
    agent.environmentId = environmentId;
    agent.enabled = true;
    agent.sequence = 1;
    agent.createdAt = now;
    agent.updatedAt = now;
    agent.elo = START_RATING;
    return agent;
  }

  boolean isOwnedBy(UUID user) {
    return userId.equals(user);
  }

  boolean isDeleted() {
    return deletedAt != null;
  }

  /**
   * Gives the agent another name or description.
   *
   * @return whether anything is different now
   */
  boolean describe(AgentName newName, Description newDescription, Instant now) {
    if (newName.text().equals(name) && newDescription.text().equals(description)) {
      return false;
    }
    name = newName.text();
    description = newDescription.text();
    searchText = AgentQuery.searchText(name, description);
    sequence++;
    updatedAt = now;
    return true;
  }

  /**
   * Takes the agent out of play, or lets it play again.
   *
   * @return whether anything is different now
   */
  boolean allow(boolean wanted, Instant now) {
    if (enabled == wanted) {
      return false;
    }
    enabled = wanted;
    sequence++;
    updatedAt = now;
    return true;
  }

  /** Turns the agent into a tombstone. */
  void delete(Instant now) {
    if (isDeleted()) {
      throw new IllegalStateException("agent " + id + " is deleted already");
    }
    name = NAME_OF_DELETED;
    description = "";
    searchText = "";
    activeSubmissionId = null;
    sequence++;
    updatedAt = now;
    deletedAt = now;
  }

  AgentChanged changed() {
    return new AgentChanged(
        id, sequence, userId, name, description, environmentId, enabled, createdAt, updatedAt);
  }

  AgentDeleted deleted() {
    return new AgentDeleted(id, sequence, deletedAt);
  }
}
