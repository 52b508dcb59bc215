package org.rlarena.match.matches;

import static java.util.Objects.requireNonNull;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What came out of playing a match.
 *
 * @param game the game as a whole
 * @param seats one entry per seat, in seat order
 * @param replay the JSON replay, if one was stored
 * @param replayHtml the HTML replay, if one was stored
 * @param log what the agents printed, if it was stored
 */
public record MatchResult(
    Game game,
    List<SeatResult> seats,
    Optional<StoredObject> replay,
    Optional<StoredObject> replayHtml,
    Optional<StoredObject> log) {

  public MatchResult {
    requireNonNull(game, "game");
    seats = List.copyOf(seats);
  }

  /** The same result with what is known of the uploads. */
  public MatchResult with(
      Optional<StoredObject> replay,
      Optional<StoredObject> replayHtml,
      Optional<StoredObject> log) {
    return new MatchResult(game, seats, replay, replayHtml, log);
  }

  /**
   * The game as a whole.
   *
   * @param winnerAgentId null unless the outcome is a win
   * @param environmentVersion as the executor named it; null when it did not
   * @param seed the seed that was played; null when the executor did not say
   * @param steps steps played
   * @param durationMs wall time on the executor in milliseconds
   */
  @Embeddable
  public record Game(
      @Column(name = "outcome") @Enumerated(EnumType.STRING) Outcome outcome,
      @Column(name = "winner_agent_id") UUID winnerAgentId,
      @Column(name = "played_version") String environmentVersion,
      @Column(name = "played_seed") Long seed,
      @Column(name = "steps") long steps,
      @Column(name = "duration_ms") long durationMs) {

    public Game {
      if ((outcome == Outcome.WIN) != (winnerAgentId != null)) {
        throw new IllegalArgumentException("A win, and only a win, has a winner");
      }
    }
  }

  /**
   * How one seat did.
   *
   * @param score sum of rewards, may be negative
   * @param rank 1 is best, equal ranks are a tie, 0 without result
   * @param verdict why the agent lost otherwise than by play, or {@code none}
   */
  public record SeatResult(UUID agentId, double score, int rank, String verdict) {

    public SeatResult {
      requireNonNull(agentId, "agentId");
      requireNonNull(verdict, "verdict");
      if (!Double.isFinite(score)) {
        throw new IllegalArgumentException("A score must be a finite number");
      }
      if (rank < 0) {
        throw new IllegalArgumentException("A rank must not be negative");
      }
    }
  }
}
