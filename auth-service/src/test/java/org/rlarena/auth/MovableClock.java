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
  private volatile Instant stoppedAt;

  /** Lets no time pass but what {@link #advance} adds: a slow machine must not serve a wait. */
  public void stop() {
    stoppedAt = Instant.now();
  }

  /** Moves the clock on. */
  public void advance(Duration by) {
    ahead = ahead.plus(by);
  }

  /** Shows the real time again. */
  public void reset() {
    ahead = Duration.ZERO;
    stoppedAt = null;
  }

  @Override
  public Instant instant() {
    Instant stopped = stoppedAt;
    return (stopped == null ? Instant.now() : stopped).plus(ahead);
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
