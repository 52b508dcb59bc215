package org.rlarena.match.play;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.match.directory.Bundle;

/**
 * A match that an attempt has to play.
 *
 * @param attemptId names the attempt; what it brings counts only while it holds the match
 * @param place where it is to be played
 * @param deadline when the attempt is over, whatever happens
 * @param players in seat order
 * @param traceparent trace of what asked for the match
 */
public record Assignment(
    UUID matchId,
    UUID attemptId,
    String place,
    String environmentId,
    long seed,
    Instant deadline,
    List<Player> players,
    Optional<String> traceparent) {

  public Assignment {
    players = List.copyOf(players);
  }

  /**
   * One seat.
   *
   * @param version number of the submission
   */
  public record Player(
      UUID agentId, String name, int version, Bundle bundle, Optional<String> imageDigest) {}
}
