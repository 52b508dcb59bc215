package org.rlarena.matchmaking;

import io.quarkus.test.Mock;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/** The service's clock in tests: runs with real time, and can be put forward. */
@Mock
@ApplicationScoped
public class TestClock extends Clock {

  private final Clock real = Clock.tick(Clock.systemUTC(), Duration.ofNanos(1_000));
  private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

  public void advance(Duration duration) {
    ahead.updateAndGet(duration::plus);
  }

  @Override
  public Instant instant() {
    return real.instant().plus(ahead.get());
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    throw new UnsupportedOperationException("UTC is all there is");
  }
}
