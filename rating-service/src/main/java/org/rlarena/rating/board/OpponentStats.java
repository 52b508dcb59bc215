package org.rlarena.rating.board;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.UUID;

/**
 * Rated matches of an agent against one opponent, from the agent's point of view.
 *
 * @param opponentName its name now, or that it was deleted
 */
public record OpponentStats(
    UUID opponentId, String opponentName, long wins, long losses, long draws) {

  /** Rated matches against this opponent. */
  @JsonProperty
  public long totalMatches() {
    return wins + losses + draws;
  }
}
