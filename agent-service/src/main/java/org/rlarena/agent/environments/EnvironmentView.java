package org.rlarena.agent.environments;

import com.fasterxml.jackson.annotation.JsonRawValue;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * An environment as clients see it.
 *
 * @param id slug
 * @param name for people
 * @param description one or two sentences
 * @param version version of the rules; 0 until an executor has offered the environment
 * @param enabled switched on by the administrators
 * @param offered played by at least one live executor
 * @param minPlayers fewest seats
 * @param maxPlayers most seats
 * @param maxSteps steps after which a game is cut
 * @param config rules and spaces, a JSON object; empty until an executor has offered the
 *     environment
 * @param participantCount living agents
 */
record EnvironmentView(
    String id,
    String name,
    String description,
    String version,
    boolean enabled,
    boolean offered,
    int minPlayers,
    int maxPlayers,
    int maxSteps,
    @JsonRawValue @Schema(type = SchemaType.OBJECT) String config,
    long participantCount) {

  static EnvironmentView of(Environment environment, long participantCount) {
    return new EnvironmentView(
        environment.id,
        environment.name,
        environment.description,
        environment.version,
        environment.enabled,
        environment.offered,
        environment.minPlayers,
        environment.maxPlayers,
        environment.maxSteps,
        environment.config,
        participantCount);
  }
}
