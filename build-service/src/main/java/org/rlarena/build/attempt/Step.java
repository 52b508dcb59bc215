package org.rlarena.build.attempt;

import java.util.Locale;

/** The steps of a build, in order; the wire numbers are published in events. */
enum Step {
  BUILDING(1, AttemptState.BUILDING),
  VALIDATING(2, AttemptState.VALIDATING),
  SCANNING(3, AttemptState.SCANNING);

  private final int number;
  private final AttemptState state;

  Step(int number, AttemptState state) {
    this.number = number;
    this.state = state;
  }

  int number() {
    return number;
  }

  AttemptState state() {
    return state;
  }

  String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
