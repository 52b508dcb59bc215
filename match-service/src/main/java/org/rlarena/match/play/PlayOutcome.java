package org.rlarena.match.play;

import java.util.Optional;
import org.rlarena.match.matches.Failure;
import org.rlarena.match.matches.MatchResult;

/** What became of an attempt, as the backend sees it. */
public sealed interface PlayOutcome {

  /**
   * It was played.
   *
   * @param result without uploads: those are looked up when the result is taken
   * @param replaySha256 digest of the JSON replay as the backend tells; empty when it does not
   * @param ownReplay where the backend says it stored the JSON replay by itself; may be empty
   * @param ownReplayHtml the same for the HTML replay
   */
  record Played(
      MatchResult result, Optional<String> replaySha256, String ownReplay, String ownReplayHtml)
      implements PlayOutcome {}

  /** The backend failed it for reasons of its own: an attempt is used up. */
  record Faulty(Failure why) implements PlayOutcome {}

  /**
   * It was never played: no attempt is used up.
   *
   * @param why for the log
   */
  record NotTaken(String why) implements PlayOutcome {}
}
