package org.rlarena.submission.versions;

import java.util.Optional;

/** The steps of a build that are told to its author. */
public enum BuildStep {
  BUILDING(SubmissionState.BUILDING),
  VALIDATING(SubmissionState.VALIDATING),
  SCANNING(SubmissionState.SCANNING);

  private final SubmissionState state;

  BuildStep(SubmissionState state) {
    this.state = state;
  }

  /** The state of a version during this step. */
  public SubmissionState state() {
    return state;
  }

  /** Reads a step's wire name; empty for one that a later writer added. */
  public static Optional<BuildStep> ofWire(String name) {
    for (BuildStep step : values()) {
      if (step.state.wire().equals(name)) {
        return Optional.of(step);
      }
    }
    return Optional.empty();
  }
}
