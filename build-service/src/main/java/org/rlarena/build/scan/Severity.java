package org.rlarena.build.scan;

import java.util.Locale;

/** How bad a finding is, the least bad first. */
public enum Severity {
  UNKNOWN,
  LOW,
  MEDIUM,
  HIGH,
  CRITICAL;

  /** A scanner's word; one that is not known is told as such and blocks nothing by itself. */
  static Severity of(String word) {
    return switch (word.toUpperCase(Locale.ROOT)) {
      case "CRITICAL" -> CRITICAL;
      case "HIGH" -> HIGH;
      case "MEDIUM" -> MEDIUM;
      case "LOW", "NEGLIGIBLE" -> LOW;
      default -> UNKNOWN;
    };
  }

  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
