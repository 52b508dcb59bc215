package org.rlarena.gateway.limits;

import java.time.Duration;

/**
 * A token bucket: so many requests at once, and as many come back, evenly, within the period.
 *
 * @param name in metrics, in the sentence of a refusal and in keys
 * @param requests 0 for no limit
 */
record Rule(String name, int requests, Duration period) {

  static Rule of(String name, LimitsConfig.Bucket bucket) {
    return new Rule(name, bucket.requests(), bucket.period());
  }

  boolean isOff() {
    return requests == 0;
  }

  /** Time after which one request comes back. */
  long nanosPerRequest() {
    return Math.max(1, period.toNanos() / requests);
  }
}
