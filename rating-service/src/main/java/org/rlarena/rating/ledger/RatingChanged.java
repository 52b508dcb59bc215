package org.rlarena.rating.ledger;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * The event {@code rating.changed} (topic and key: {@code rating.changed}, environment): a rated
 * match was entered in the ledger. Events of one environment leave in ledger order.
 *
 * @param ledgerNumber the match's number in the ledger
 * @param environmentId slug of the environment
 * @param matchId the match
 * @param system the rating system
 * @param changes one per participant, in seat order
 * @param ratedAt when it was entered, UTC
 */
record RatingChanged(
    long ledgerNumber,
    String environmentId,
    UUID matchId,
    String system,
    List<Change> changes,
    Instant ratedAt) {

  static final String TOPIC = "rating.changed";
  static final String TYPE = "org.rlarena.rating.changed.v1";

  static RatingChanged of(LedgerEntry entry) {
    return new RatingChanged(
        entry.number,
        entry.environmentId,
        entry.matchId,
        entry.system,
        entry.changes.stream().map(Change::of).toList(),
        entry.ratedAt);
  }

  /**
   * @param before rating before, in Elo points
   * @param after rating after, in Elo points
   * @param sequence number of the agent's rated matches, this one included
   */
  record Change(
      UUID agentId,
      UUID ownerId,
      int before,
      int after,
      int change,
      int wins,
      int losses,
      int draws,
      long sequence) {

    private static Change of(LedgerChange change) {
      return new Change(
          change.agentId(),
          change.ownerId(),
          change.ratingBefore(),
          change.ratingAfter(),
          change.change(),
          change.wins(),
          change.losses(),
          change.draws(),
          change.sequence());
    }
  }
}
