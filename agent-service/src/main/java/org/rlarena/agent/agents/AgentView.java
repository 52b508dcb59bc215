package org.rlarena.agent.agents;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.UUID;

/**
 * An agent as clients see it.
 *
 * @param score the same as {@code elo}
 * @param id the agent
 * @param userId its owner
 * @param username its owner's name
 * @param name 1 to 100 characters
 * @param description may be empty
 * @param environmentId slug
 * @param elo rating points
 * @param wins rated wins
 * @param losses rated losses
 * @param draws rated draws
 * @param totalMatches rated matches
 * @param activeSubmissionId the version that plays; left out when there is none
 * @param createdAt UTC
 * @param updatedAt UTC
 * @param rank always 0 here; leaderboards fill it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AgentView(
    int score,
    UUID id,
    UUID userId,
    String username,
    String name,
    String description,
    String environmentId,
    int elo,
    int wins,
    int losses,
    int draws,
    int totalMatches,
    UUID activeSubmissionId,
    Instant createdAt,
    Instant updatedAt,
    int rank) {

  static AgentView of(Agent agent, String username) {
    return new AgentView(
        agent.elo,
        agent.id,
        agent.userId,
        username,
        agent.name,
        agent.description,
        agent.environmentId,
        agent.elo,
        agent.wins,
        agent.losses,
        agent.draws,
        agent.wins + agent.losses + agent.draws,
        agent.activeSubmissionId,
        agent.createdAt,
        agent.updatedAt,
        0);
  }
}
