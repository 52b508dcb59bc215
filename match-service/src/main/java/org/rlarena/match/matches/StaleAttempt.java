package org.rlarena.match.matches;

import java.util.UUID;

/** Something was brought for an attempt that does not hold the match (any more). */
public class StaleAttempt extends RuntimeException {

  private static final long serialVersionUID = 1L;

  StaleAttempt(UUID matchId, UUID attemptId) {
    super("Attempt %s does not hold match %s".formatted(attemptId, matchId));
  }
}
