package org.rlarena.rating.model;

/**
 * One seat of a match to rate.
 *
 * @param rating before the match, in Elo points
 * @param games rated matches before this one
 * @param rank place in this match; 1 is best, equal ranks are a tie
 */
public record Contestant(int rating, int games, int rank) {

  public Contestant {
    if (games < 0) {
      throw new IllegalArgumentException("games must not be negative: " + games);
    }
    if (rank < 1) {
      throw new IllegalArgumentException("rank must be at least 1: " + rank);
    }
  }
}
