package org.rlarena.match.matches;

import com.fasterxml.jackson.annotation.JsonValue;
import jakarta.persistence.EnumeratedValue;
import java.util.Arrays;
import java.util.Optional;

/** Where a match stands. The last three are final. */
public enum MatchState {
  PENDING("pending"),
  RUNNING("running"),
  COMPLETED("completed"),
  /** The platform gave it up; no agent is to blame. */
  FAILED("failed"),
  CANCELLED("cancelled");

  @EnumeratedValue private final String wire;

  MatchState(String wire) {
    this.wire = wire;
  }

  /** The name on the wire and in the database. */
  @JsonValue
  public String wire() {
    return wire;
  }

  /**
   * Reads a state.
   *
   * @return empty when there is no such state
   */
  public static Optional<MatchState> of(String wire) {
    return Arrays.stream(values()).filter(s -> s.wire.equals(wire)).findFirst();
  }
}
