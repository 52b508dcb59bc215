package org.rlarena.submission.versions;

import java.util.Locale;

/**
 * Where a version stands. The first four are on the way, in this order; the others are outcomes.
 */
public enum SubmissionState {
  PENDING,
  BUILDING,
  VALIDATING,
  SCANNING,
  ACTIVE,
  INACTIVE,
  BUILD_FAILED;

  /** Whether a build attempt is still to end. */
  public boolean isOnTheWay() {
    return switch (this) {
      case PENDING, BUILDING, VALIDATING, SCANNING -> true;
      case ACTIVE, INACTIVE, BUILD_FAILED -> false;
    };
  }

  /** Name on the wire. */
  public String wire() {
    return name().toLowerCase(Locale.ROOT);
  }
}
