package org.rlarena.build.scan;

import java.util.Locale;

/** Outcome of the scan, as events and clients read it. */
public enum ScanStatus {
  PASSED,
  FINDINGS,
  /** Nothing has scanned it; never to be read as passed. */
  UNAVAILABLE;

  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
