package org.rlarena.build.attempt;

import java.util.Locale;

/** How far a build attempt is. */
public enum AttemptState {
  PENDING,
  BUILDING,
  VALIDATING,
  SCANNING,
  SUCCEEDED,
  FAILED,
  /** A higher attempt of the same submission took its place before it ended. */
  SUPERSEDED;

  public boolean isFinal() {
    return ordinal() >= SUCCEEDED.ordinal();
  }

  /**
   * As clients read it, in the words of a submission's status. {@code success} means built; whether
   * the version is active is submission-service's to tell.
   */
  public String publicName() {
    return switch (this) {
      case SUCCEEDED -> "success";
      case FAILED, SUPERSEDED -> "build_failed";
      default -> name().toLowerCase(Locale.ROOT);
    };
  }
}
