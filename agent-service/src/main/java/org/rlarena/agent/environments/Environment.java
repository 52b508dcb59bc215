package org.rlarena.agent.environments;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;

/**
 * A row of the catalogue. {@code sequence} counts its events and is raised under the row's lock; 0
 * means that readers have not been told of it.
 */
@Entity
@Table(name = "environment")
class Environment {

  @Id
  @Column(name = "id")
  String id;

  @Column(name = "name")
  String name;

  @Column(name = "description")
  String description;

  @Column(name = "version")
  String version;

  @Column(name = "enabled")
  boolean enabled;

  @Column(name = "offered")
  boolean offered;

  @Column(name = "min_players")
  int minPlayers;

  @Column(name = "max_players")
  int maxPlayers;

  @Column(name = "max_steps")
  int maxSteps;

  /** A JSON object in text form. */
  @Column(name = "config")
  String config;

  @Column(name = "sequence")
  long sequence;

  @Column(name = "updated_at")
  Instant updatedAt;

  protected Environment() {}

  /** A row for an environment that an executor offers and nobody has known before. */
  static Environment discovered(Rules rules, Instant now) {
    Environment environment = new Environment();
    environment.id = rules.environmentId();
    environment.enabled = true;
    environment.offered = true;
    environment.take(rules);
    environment.changed(now);
    return environment;
  }

  /**
   * Takes over what a live executor says.
   *
   * @return whether anything is different now
   */
  boolean offer(Rules rules, Instant now) {
    if (offered && rules.equals(rules())) {
      return false;
    }
    offered = true;
    take(rules);
    changed(now);
    return true;
  }

  /**
   * No live executor plays it any more; its rules stay as they were last seen.
   *
   * @return whether anything is different now
   */
  boolean withdraw(Instant now) {
    if (!offered) {
      return false;
    }
    offered = false;
    changed(now);
    return true;
  }

  /**
   * Switches it on or off; what executors offer does not change that.
   *
   * @return whether anything is different now
   */
  boolean allow(boolean wanted, Instant now) {
    if (enabled == wanted) {
      return false;
    }
    enabled = wanted;
    changed(now);
    return true;
  }

  /** Readers are told of the row for the first time. */
  void announce(Instant now) {
    changed(now);
  }

  EnvironmentChanged event() {
    return new EnvironmentChanged(
        id,
        sequence,
        name,
        description,
        version,
        enabled,
        offered,
        minPlayers,
        maxPlayers,
        updatedAt);
  }

  private Rules rules() {
    return new Rules(id, name, description, version, minPlayers, maxPlayers, maxSteps, config);
  }

  private void take(Rules rules) {
    name = rules.name();
    description = rules.description();
    version = rules.version();
    minPlayers = rules.minPlayers();
    maxPlayers = rules.maxPlayers();
    maxSteps = rules.maxSteps();
    config = rules.config();
  }

  private void changed(Instant now) {
    sequence++;
    updatedAt = now;
  }

  /**
   * What an executor says of an environment.
   *
   * @param environmentId slug
   * @param name for people
   * @param description one or two sentences
   * @param version changes whenever the same seed and actions could give another game
   * @param minPlayers fewest seats, at least 2
   * @param maxPlayers most seats
   * @param maxSteps steps after which a game is cut
   * @param config a JSON object in text form
   */
  record Rules(
      String environmentId,
      String name,
      String description,
      String version,
      int minPlayers,
      int maxPlayers,
      int maxSteps,
      String config) {}
}
