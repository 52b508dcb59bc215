package org.rlarena.match.directory;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import org.hibernate.annotations.Immutable;

/** An environment of the catalogue. Written by {@link Environments} alone. */
@Entity
@Immutable
@Table(name = "environment_entry")
public class EnvironmentEntry {

  @Id
  @Column(name = "environment_id")
  private String environmentId;

  private String version;
  private boolean playable;

  @Column(name = "min_players")
  private int minPlayers;

  @Column(name = "max_players")
  private int maxPlayers;

  protected EnvironmentEntry() {}

  /** Its version in the catalogue. */
  public String version() {
    return version;
  }

  /** Whether so many agents can meet in it now: it is switched on, offered, and has the seats. */
  public boolean isPlayableBy(int players) {
    return playable && minPlayers <= players && players <= maxPlayers;
  }
}
