package org.rlarena.matchmaking.roster;

import static java.util.Objects.requireNonNull;

/** What this service reads of {@code environment.changed.v1}. */
public record EnvironmentChanged(
    String environmentId,
    long sequence,
    String version,
    boolean enabled,
    boolean offered,
    int minPlayers,
    int maxPlayers) {

  public EnvironmentChanged {
    requireNonNull(environmentId, "environmentId");
    requireNonNull(version, "version");
    Sequences.check(sequence);
  }
}
