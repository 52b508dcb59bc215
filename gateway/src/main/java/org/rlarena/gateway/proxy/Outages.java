package org.rlarena.gateway.proxy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.rlarena.gateway.GatewayConfig;
import org.rlarena.gateway.Service;

/**
 * A circuit breaker per service: after so many failures in a row, with no answer between them, it
 * is spared for a pause, and then one request at a time finds out whether it responds again. So
 * requests for a service that hangs do not pile up here, and those for others do not notice. What
 * begins and ends is said in the log once. Thread-safe.
 *
 * <p>Not an annotation's breaker: those judge method calls, and an exchange here ends long after
 * the method that began it.
 */
@ApplicationScoped
class Outages {

  private static final Logger LOG = Logger.getLogger(Outages.class);

  private final int mostFailures;
  private final long pauseNanos;
  private final LongSupplier clock;
  private final Map<Service, Circuit> circuits = new EnumMap<>(Service.class);

  @Inject
  Outages(GatewayConfig config, MeterRegistry metrics) {
    this(config.circuit().failures(), config.circuit().pause(), System::nanoTime);
    circuits.forEach(
        (service, circuit) ->
            metrics.gauge(
                "arena_gateway_circuit_open",
                List.of(Tag.of("service", service.label())),
                circuit,
                state -> state.isOpen() ? 1 : 0));
  }

  Outages(int mostFailures, Duration pause, LongSupplier clock) {
    this.mostFailures = mostFailures;
    this.pauseNanos = pause.toNanos();
    this.clock = clock;
    for (Service service : Service.values()) {
      circuits.put(service, new Circuit());
    }
  }

  /** Whether to ask a service at all. Who is told yes reports what came of it. */
  boolean mayTry(Service service) {
    return circuits.get(service).mayTry();
  }

  void failed(Service service, Throwable cause) {
    if (circuits.get(service).failed()) {
      LOG.warnf("%s does not respond: %s", service.label(), cause.getMessage());
    }
  }

  void answered(Service service) {
    if (circuits.get(service).answered()) {
      LOG.infof("%s responds again", service.label());
    }
  }

  private final class Circuit {
    private int failures;
    private long tryAgainAt;

    synchronized boolean isOpen() {
      return failures >= mostFailures;
    }

    synchronized boolean mayTry() {
      if (!isOpen()) {
        return true;
      }
      long now = clock.getAsLong();
      if (now - tryAgainAt < 0) {
        return false;
      }
      // others wait for what this one finds out, but no longer than another pause
      tryAgainAt = now + pauseNanos;
      return true;
    }

    /** Whether it is the first failure. */
    synchronized boolean failed() {
      failures++;
      if (isOpen()) {
        tryAgainAt = clock.getAsLong() + pauseNanos;
      }
      return failures == 1;
    }

    /** Whether something had failed before. */
    synchronized boolean answered() {
      boolean hadFailed = failures > 0;
      failures = 0;
      return hadFailed;
    }
  }
}
