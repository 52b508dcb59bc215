package org.rlarena.rating.directory;

/** The rule all sequences of events follow. */
final class Sequences {

  private Sequences() {}

  /** Refuses a sequence that no writer gives, such as the 0 of a missing field. */
  static void check(long sequence) {
    if (sequence < 1) {
      throw new IllegalArgumentException("sequence must be at least 1: " + sequence);
    }
  }
}
