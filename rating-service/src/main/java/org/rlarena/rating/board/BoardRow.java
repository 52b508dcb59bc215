package org.rlarena.rating.board;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.UUID;

/**
 * An agent on a leaderboard.
 *
 * @param id the agent
 * @param userId its owner
 * @param username the owner's name, empty while it is not known here
 * @param description free text, may be empty
 * @param environmentId slug of its environment
 * @param elo rating, in Elo points
 * @param wins rated wins
 * @param losses rated losses
 * @param draws rated draws
 * @param activeSubmissionId the version that plays, null (left out) without one
 * @param createdAt UTC
 * @param updatedAt UTC
 * @param rank place on the whole board: agents with equal ratings share it, then a gap follows
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BoardRow(
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
    UUID activeSubmissionId,
    Instant createdAt,
    Instant updatedAt,
    long rank) {

  /** The same row at this place. */
  BoardRow at(long place) {
    return new BoardRow(
        id,
        userId,
        username,
        name,
        description,
        environmentId,
        elo,
        wins,
        losses,
        draws,
        activeSubmissionId,
        createdAt,
        updatedAt,
        place);
  }

  /** The same as {@code elo}, under the name that the web page reads. */
  @JsonProperty
  public int score() {
    return elo;
  }

  /** Rated matches. */
  @JsonProperty
  public int totalMatches() {
    return wins + losses + draws;
  }
}
