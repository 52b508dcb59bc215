package org.rlarena.agent.environments;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;

/**
 * Payload of {@code org.rlarena.environment.changed.v1} on topic {@code environment.changed}, keyed
 * by environment.
 *
 * @param environmentId slug
 * @param sequence grows with each event of this environment, from 1
 * @param name for people
 * @param description one or two sentences, may be empty
 * @param version changes whenever the same seed and actions could give another game
 * @param enabled switched on by the administrators
 * @param offered played by at least one live executor
 * @param minPlayers fewest seats
 * @param maxPlayers most seats
 * @param updatedAt when the row last changed, UTC
 */
@RegisterForReflection
record EnvironmentChanged(
    String environmentId,
    long sequence,
    String name,
    String description,
    String version,
    boolean enabled,
    boolean offered,
    int minPlayers,
    int maxPlayers,
    Instant updatedAt) {

  static final String TOPIC = "environment.changed";
  static final String TYPE = "org.rlarena.environment.changed.v1";
}
