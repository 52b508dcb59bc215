package org.rlarena.match.matches;

import com.fasterxml.jackson.annotation.JsonValue;
import jakarta.persistence.EnumeratedValue;

/** Where a match came from. */
public enum MatchKind {
  LADDER("ladder"),
  CHALLENGE("challenge");

  @EnumeratedValue private final String wire;

  MatchKind(String wire) {
    this.wire = wire;
  }

  /** The name on the wire and in the database. */
  @JsonValue
  public String wire() {
    return wire;
  }
}
