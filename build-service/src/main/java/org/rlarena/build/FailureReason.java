package org.rlarena.build;

import java.util.Locale;

/** Why a build ended without a bundle to play; the wire names are published in events. */
public enum FailureReason {
  SYNTAX_ERROR,
  MISSING_ENTRY_POINT,
  IMPORT_ERROR,
  UNSAFE_ARCHIVE,
  REQUIREMENTS,
  EXCEPTION,
  TIMEOUT,
  INVALID_ACTION,
  BLOCKED_BY_SCAN,
  PLATFORM_FAULT;

  /** The name in events and in the database, such as {@code syntax_error}. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
