package org.rlarena.webhook.deliveries;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long a delivery waits after a failed attempt: three times longer each time up to a longest,
 * and up to a fifth more or less by chance, so that what failed together does not come back
 * together.
 *
 * @param first after the first failure
 * @param longest after many
 */
record Pauses(Duration first, Duration longest) {

  private static final int FACTOR = 3;
  private static final double JITTER = 0.2;

  /**
   * The pause after so many failed attempts, from 1.
   *
   * @param random what chance is asked
   */
  Duration after(int attempts, RandomGenerator random) {
    Duration pause = first;
    for (int i = 1; i < attempts && pause.compareTo(longest) < 0; i++) {
      pause = pause.multipliedBy(FACTOR);
    }
    Duration bounded = pause.compareTo(longest) < 0 ? pause : longest;
    double factor = 1 - JITTER + 2 * JITTER * random.nextDouble();
    return Duration.ofMillis((long) (bounded.toMillis() * factor));
  }
}
