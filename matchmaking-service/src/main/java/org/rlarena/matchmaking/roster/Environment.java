package org.rlarena.matchmaking.roster;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.hibernate.annotations.Immutable;

/** An environment of the catalogue. Written by {@link Roster} alone. */
@Entity
@Immutable
@Table(name = "environment")
public class Environment {

  @Id String id;
  String version;
  boolean enabled;
  boolean offered;
  int minPlayers;
  int maxPlayers;

  protected Environment() {}

  public String id() {
    return id;
  }

  /** Version in the catalogue. */
  public String version() {
    return version;
  }

  /** Whether two agents can play here now: switched on, and played by a live executor. */
  public boolean canPair() {
    return enabled && offered && minPlayers <= 2 && maxPlayers >= 2;
  }
}
