package org.rlarena.match.matches;

import com.fasterxml.jackson.annotation.JsonValue;
import jakarta.persistence.EnumeratedValue;

/** How a played match ended. */
public enum Outcome {
  WIN("win"),
  DRAW("draw"),
  /** Nobody is to be rated: all sides failed at once. */
  NO_CONTEST("no_contest");

  @EnumeratedValue private final String wire;

  Outcome(String wire) {
    this.wire = wire;
  }

  /** The name on the wire and in the database. */
  @JsonValue
  public String wire() {
    return wire;
  }
}
