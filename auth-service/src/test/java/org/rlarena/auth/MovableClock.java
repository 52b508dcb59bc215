package org.rlarena.auth;

import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The time of day, moved on by tests that cannot wait. Tests move it back when they end. */
@Alternative
@Priority(1)
@ApplicationScoped
public class MovableClock extends Clock {

  private volatile Duration ahead = Duration.ZERO;

  /** Moves the clock on. */
  public void advance(Duration by) {
    ahead = ahead.plus(by);
  }

  /** Shows the real time again. */
  public void reset() {
    ahead = Duration.ZERO;
  }

  @Override
  public Instant instant() {
    return Instant.now().plus(ahead);
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("the services know UTC alone");
  }
}
