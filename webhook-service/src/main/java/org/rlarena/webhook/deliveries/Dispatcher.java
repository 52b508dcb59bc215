package org.rlarena.webhook.deliveries;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.TransactionPhase;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.rlarena.outbox.SchemaMigration;
import org.rlarena.webhook.WebhookConfig;

/**
 * Keeps deliveries under way: one thread leases what is due, each attempt runs on a (virtual)
 * thread of its own, so that a slow receiver holds up nobody. A stopping process gives back what it
 * has not finished; what a killed one had is delivered again when its lease is over.
 */
@ApplicationScoped
class Dispatcher {

  private static final Logger LOG = Logger.getLogger(Dispatcher.class);
  private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);
  private static final Duration STOPPING_TIME = Duration.ofSeconds(3);

  private final Leases leases;
  private final Sender sender;
  private final SchemaMigration schema;
  private final MeterRegistry metrics;
  private final Clock clock;
  private final Duration pollInterval;
  private final int concurrency;

  private final Map<UUID, Thread> underWay = new ConcurrentHashMap<>();
  private final Semaphore wake = new Semaphore(0);
  private final CountDownLatch stopping = new CountDownLatch(1);

  Dispatcher(
      Leases leases,
      Sender sender,
      SchemaMigration schema,
      MeterRegistry metrics,
      Clock clock,
      WebhookConfig config) {
    this.leases = leases;
    this.sender = sender;
    this.schema = schema;
    this.metrics = metrics;
    this.clock = clock;
    this.pollInterval = config.pollInterval();
    this.concurrency = config.concurrency();
    metrics.gaugeMapSize("arena.webhook.under.way", List.of(), underWay);
  }

  void start(@Observes StartupEvent event) {
    Thread.ofPlatform().daemon().name("webhook-dispatcher").start(this::dispatch);
  }

  void stop(@Observes @Priority(1000) ShutdownEvent event) {
    stopping.countDown();
    wake.release();
    underWay.values().forEach(Thread::interrupt);
    Instant patience = clock.instant().plus(STOPPING_TIME);
    for (Thread thread : underWay.values()) {
      try {
        thread.join(Duration.between(clock.instant(), patience));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  void onWaiting(@Observes(during = TransactionPhase.AFTER_SUCCESS) DeliveryWaiting hint) {
    wake.release();
  }

  private void dispatch() {
    while (!isStopping()) {
      try {
        schema.await();
        while (!isStopping() && leaseSome()) {
          // until nothing is due or everything is under way
        }
        if (wake.tryAcquire(pollInterval.toMillis(), TimeUnit.MILLISECONDS)) {
          wake.drainPermits();
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        if (!isStopping()) {
          LOG.warnf("No delivery could be leased, trying again: %s", e.getMessage());
          LOG.debug("Leasing failed", e);
        }
        pause(AFTER_TROUBLE);
      }
    }
  }

  private boolean leaseSome() {
    int free = concurrency - underWay.size();
    if (free <= 0) {
      return false;
    }
    List<Attempt> leased = leases.lease(free);
    leased.forEach(this::begin);
    return !leased.isEmpty();
  }

  private void begin(Attempt attempt) {
    Thread thread =
        Thread.ofVirtual()
            .name("webhook-" + attempt.deliveryId())
            .unstarted(() -> deliver(attempt));
    underWay.put(attempt.leaseId(), thread);
    thread.start();
  }

  private void deliver(Attempt attempt) {
    try {
      Outcome outcome = sender.send(attempt);
      boolean counted = leases.settle(attempt, outcome);
      String ending = !counted ? "late" : outcome.taken() ? "taken" : "refused";
      metrics.counter("arena.webhook.attempts", "ending", ending).increment();
    } catch (InterruptedException e) {
      // the interrupt has done its work; it must not disturb what follows
      giveBack(attempt);
    } catch (RuntimeException e) {
      // the lease runs out, and it is delivered again
      LOG.warnf("Delivery %s is not settled: %s", attempt.deliveryId(), e.getMessage());
      LOG.debug("Settling failed", e);
    } finally {
      underWay.remove(attempt.leaseId());
      wake.release();
    }
  }

  private void giveBack(Attempt attempt) {
    try {
      leases.giveBack(attempt);
    } catch (RuntimeException e) {
      LOG.infof("Delivery %s waits for its lease to end: %s", attempt.deliveryId(), e.getMessage());
    }
  }

  private boolean isStopping() {
    return stopping.getCount() == 0;
  }

  private void pause(Duration pause) {
    try {
      stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
