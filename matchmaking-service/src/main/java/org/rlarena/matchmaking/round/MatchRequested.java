package org.rlarena.matchmaking.round;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.rlarena.matchmaking.roster.ActiveVersion;
import org.rlarena.matchmaking.roster.Bundle;

/**
 * The event {@code match.requested} (topic and key: {@code match.requested}, match): two agents
 * were paired for a rated match. Carries all that is needed to play it.
 *
 * @param matchId the match, over all attempts to play it
 * @param sequence always 1: a match is asked for once
 * @param environmentId slug of the environment
 * @param environmentVersion its version in the catalogue
 * @param seed of the environment's random source, 1 to 2^53-1; secret until the match has ended
 * @param rated always true
 * @param reason why these two met
 * @param seats the agents in seat order
 * @param requestedAt UTC
 */
record MatchRequested(
    UUID matchId,
    long sequence,
    String environmentId,
    String environmentVersion,
    long seed,
    boolean rated,
    String reason,
    List<Seat> seats,
    Instant requestedAt) {

  static final String TOPIC = "match.requested";
  static final String TYPE = "org.rlarena.match.requested.v1";

  /**
   * @param submissionId the version that plays, even if another one is activated meanwhile
   * @param imageDigest null when the build made no image
   */
  record Seat(
      UUID agentId,
      String agentName,
      UUID ownerId,
      UUID submissionId,
      int version,
      Bundle bundle,
      String imageDigest) {

    static Seat of(ActiveVersion version) {
      return new Seat(
          version.agentId(),
          version.agentName(),
          version.ownerId(),
          version.submissionId(),
          version.version(),
          version.bundle(),
          version.imageDigest());
    }
  }

  /** The seed must not show up in logs. */
  @Override
  public String toString() {
    return "MatchRequested[matchId=" + matchId + ", environmentId=" + environmentId + "]";
  }
}
