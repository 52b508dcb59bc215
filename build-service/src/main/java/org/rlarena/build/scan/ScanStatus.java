package org.rlarena.build.scan;

import java.util.Locale;

/** Outcome of the scan, as events and clients read it. */
public enum ScanStatus {
  PASSED,
  /** Findings that may not play. */
  BLOCKED,
  /** Nothing has scanned it; never to be read as passed. */
  UNAVAILABLE,
  /** A scanner was there and gave no report that can be trusted; never to be read as passed. */
  FAILED;

  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether a scanner has judged. */
  public boolean isVerdict() {
    return switch (this) {
      case PASSED, BLOCKED -> true;
      case UNAVAILABLE, FAILED -> false;
    };
  }
}
