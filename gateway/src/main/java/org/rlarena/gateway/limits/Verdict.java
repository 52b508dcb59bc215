package org.rlarena.gateway.limits;

import java.util.concurrent.TimeUnit;

/**
 * What a bucket said to a request.
 *
 * @param remaining requests left right now
 * @param nanosToRetry 0 if the request may pass
 * @param nanosToFull until the bucket is full again
 */
record Verdict(Rule rule, boolean passes, long remaining, long nanosToRetry, long nanosToFull) {

  int retrySeconds() {
    return seconds(nanosToRetry);
  }

  int resetSeconds() {
    return seconds(nanosToFull);
  }

  /** Whole seconds, rounded up: who waits so long must not be refused again. */
  private static int seconds(long nanos) {
    long second = TimeUnit.SECONDS.toNanos(1);
    return (int) ((nanos + second - 1) / second);
  }
}
