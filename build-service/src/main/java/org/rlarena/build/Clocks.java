package org.rlarena.build;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;

/**
 * The clock of event times: UTC in whole microseconds, which is what the database keeps. Leases use
 * the database's clock, which all replicas share.
 */
class Clocks {

  @Produces
  @Singleton
  Clock clock() {
    return Clock.tick(Clock.systemUTC(), Duration.ofNanos(1000));
  }
}
