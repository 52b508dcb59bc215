package org.rlarena.rating.model;

import java.util.List;

/** What a rated match was for one agent. */
public enum Outcome {
  WIN,
  LOSS,
  DRAW;

  /**
   * Reads the outcome off the ranks of a match: who alone is first has won, who shares the first
   * place has drawn, everybody else has lost.
   *
   * @param rank the agent's rank
   * @param ranks of all participants, the agent's included
   */
  public static Outcome of(int rank, List<Integer> ranks) {
    int best = ranks.stream().min(Integer::compare).orElseThrow();
    if (rank != best) {
      return LOSS;
    }
    return ranks.stream().filter(other -> other == best).count() == 1 ? WIN : DRAW;
  }
}
