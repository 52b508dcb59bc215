package org.rlarena.match.play;

import java.util.List;

/**
 * Where matches are played: executors behind gRPC now; pods of a cluster are the other
 * implementation this boundary is for.
 */
public interface MatchBackend {

  /** Where matches can be played at the moment; empty means that matches wait. */
  List<Place> places();

  /**
   * Plays a match and returns when it is over, at the assignment's deadline at the latest. An
   * interrupt ends it early, unplayed.
   */
  PlayOutcome play(Assignment assignment);
}
