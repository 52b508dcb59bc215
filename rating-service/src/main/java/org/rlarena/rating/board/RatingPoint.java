package org.rlarena.rating.board;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.rlarena.rating.model.Outcome;

/**
 * One step in the history of an agent's rating.
 *
 * @param ledgerNumber the match's number in the ledger
 * @param matchId the match
 * @param submissionId the version that played
 * @param version that version's number
 * @param rank place in the match
 * @param outcome what the match was for the agent
 * @param before rating before, in Elo points
 * @param after rating after, in Elo points
 * @param change after minus before
 * @param finishedAt when the match ended, UTC
 * @param ratedAt when it was rated, UTC
 */
public record RatingPoint(
    long ledgerNumber,
    UUID matchId,
    UUID submissionId,
    int version,
    int rank,
    @JsonIgnore Outcome outcome,
    int before,
    int after,
    int change,
    Instant finishedAt,
    Instant ratedAt) {

  /** What the match was for the agent: {@code win}, {@code loss} or {@code draw}. */
  @JsonProperty
  public String result() {
    return outcome.name().toLowerCase(Locale.ROOT);
  }
}
