package org.rlarena.match.play;

import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.api.trace.SpanKind;
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
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.rlarena.match.MatchConfig;
import org.rlarena.match.executors.ExecutorsChanged;
import org.rlarena.match.matches.MatchWaiting;
import org.rlarena.match.matches.StaleAttempt;
import org.rlarena.match.play.PlayOutcome.Faulty;
import org.rlarena.match.play.PlayOutcome.NotTaken;
import org.rlarena.match.play.PlayOutcome.Played;
import org.rlarena.outbox.SchemaMigration;
import org.rlarena.telemetry.Work;

/**
 * Keeps executors busy: one thread leases what waits whenever there may be something to do, each
 * leased match is played on a (virtual) thread of its own, and a third one renews their leases. A
 * stopping process gives back what it plays; a killed one leaves it to the other replicas.
 */
@ApplicationScoped
class Dispatcher {

  private static final Logger LOG = Logger.getLogger(Dispatcher.class);
  private static final Duration AFTER_REFUSAL = Duration.ofMillis(500);
  private static final Duration AFTER_TROUBLE = Duration.ofSeconds(1);
  private static final Duration STOPPING_TIME = Duration.ofSeconds(5);

  private final MatchBackend backend;
  private final Leases leases;
  private final Settlement settlement;
  private final SchemaMigration schema;
  private final MeterRegistry metrics;
  private final Work work;
  private final Clock clock;
  private final Duration pollInterval;
  private final Duration renewInterval;

  private final String self = UUID.randomUUID().toString();
  private final Map<UUID, Running> running = new ConcurrentHashMap<>();
  private final Map<String, Instant> pausedUntil = new ConcurrentHashMap<>();
  private final Semaphore wake = new Semaphore(0);
  private final CountDownLatch stopping = new CountDownLatch(1);

  Dispatcher(
      MatchBackend backend,
      Leases leases,
      Settlement settlement,
      SchemaMigration schema,
      MeterRegistry metrics,
      Work work,
      Clock clock,
      MatchConfig config) {
    this.backend = backend;
    this.leases = leases;
    this.settlement = settlement;
    this.schema = schema;
    this.metrics = metrics;
    this.work = work;
    this.clock = clock;
    this.pollInterval = config.pollInterval();
    this.renewInterval = config.lease().dividedBy(3);
    metrics.gaugeMapSize("arena.matches.playing", List.of(), running);
  }

  void start(@Observes StartupEvent event) {
    Thread.ofPlatform().daemon().name("match-dispatcher").start(this::dispatch);
    Thread.ofPlatform().daemon().name("lease-renewal").start(this::renew);
  }

  void stop(@Observes @Priority(1000) ShutdownEvent event) {
    stopping.countDown();
    wake.release();
    running.keySet().forEach(this::breakOff);
    Instant patience = clock.instant().plus(STOPPING_TIME);
    for (Running one : running.values()) {
      try {
        one.thread.join(Duration.between(clock.instant(), patience));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  void onWaiting(@Observes(during = TransactionPhase.AFTER_SUCCESS) MatchWaiting hint) {
    wake.release();
  }

  void onExecutors(@Observes ExecutorsChanged hint) {
    wake.release();
  }

  private void dispatch() {
    while (!isStopping()) {
      try {
        schema.await();
        while (!isStopping() && leaseOne()) {
          // Until every place is full or nothing waits.
        }
        if (wake.tryAcquire(pollInterval.toMillis(), TimeUnit.MILLISECONDS)) {
          wake.drainPermits();
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        if (!isStopping()) {
          LOG.warnf("No match could be leased, trying again: %s", e.getMessage());
          LOG.debug("Leasing failed", e);
        }
        pause(AFTER_TROUBLE);
      }
    }
  }

  /** Leases a match for each place that takes one; true when there was any. */
  private boolean leaseOne() {
    List<Place> places = backend.places();
    boolean any = false;
    for (Place place : places) {
      if (clock.instant().isBefore(pausedUntil.getOrDefault(place.name(), Instant.MIN))
          || playingAt(place) >= place.capacity()) {
        continue;
      }
      Optional<Assignment> leased = leases.next(self, place, places);
      leased.ifPresent(this::play);
      any |= leased.isPresent();
    }
    return any;
  }

  private long playingAt(Place place) {
    return running.values().stream().filter(r -> r.place.equals(place.name())).count();
  }

  private void play(Assignment assignment) {
    Thread thread =
        Thread.ofVirtual()
            .name("match-" + assignment.matchId())
            .unstarted(() -> playAndSettle(assignment));
    running.put(assignment.attemptId(), new Running(assignment.place(), thread, true));
    thread.start();
  }

  private void playAndSettle(Assignment assignment) {
    try {
      work.run(
          "play match",
          SpanKind.CONSUMER,
          assignment.traceparent(),
          Map.of(
              "matchId", assignment.matchId().toString(),
              "attemptId", assignment.attemptId().toString()),
          () -> settle(assignment, played(assignment)));
    } catch (RuntimeException e) {
      // The lease runs out and the match is played again.
      LOG.errorf(e, "Match %s, attempt %s", assignment.matchId(), assignment.attemptId());
    } finally {
      running.remove(assignment.attemptId());
      wake.release();
    }
  }

  private PlayOutcome played(Assignment assignment) {
    PlayOutcome outcome = backend.play(assignment);
    running.computeIfPresent(assignment.attemptId(), (id, one) -> one.played());
    // The interrupt has done its work; it must not disturb what follows.
    Thread.interrupted();
    if (outcome instanceof NotTaken notTaken) {
      LOG.debugf("Match %s goes back: %s", assignment.matchId(), notTaken.why());
      pausedUntil.put(assignment.place(), clock.instant().plus(AFTER_REFUSAL));
    }
    return outcome;
  }

  /** A result is not thrown away because the database is away for a while. */
  private void settle(Assignment assignment, PlayOutcome outcome) {
    while (true) {
      try {
        settlement.settle(assignment.matchId(), assignment.attemptId(), outcome);
        count(outcome);
        return;
      } catch (StaleAttempt e) {
        LOG.infof("%s: refused", e.getMessage());
        metrics.counter("arena.match.attempts", "ending", "refused").increment();
        return;
      } catch (RuntimeException e) {
        if (isStopping() || clock.instant().isAfter(assignment.deadline())) {
          throw e;
        }
        LOG.warnf("Match %s is not settled yet: %s", assignment.matchId(), e.getMessage());
        pause(AFTER_TROUBLE);
      }
    }
  }

  private void count(PlayOutcome outcome) {
    String ending =
        switch (outcome) {
          case Played played -> "played";
          case Faulty fault -> "fault";
          case NotTaken notTaken -> "returned";
        };
    metrics.counter("arena.match.attempts", "ending", ending).increment();
  }

  private void renew() {
    while (!pause(renewInterval)) {
      Set<UUID> held = Set.copyOf(running.keySet());
      try {
        Set<UUID> renewed = leases.renew(held);
        held.stream().filter(id -> !renewed.contains(id)).forEach(this::breakOff);
      } catch (RuntimeException e) {
        LOG.warnf("Leases could not be renewed, trying again: %s", e.getMessage());
      }
    }
  }

  /**
   * Interrupts an attempt that still plays. One that is being settled no longer holds its match
   * either, and an interrupted thread would get no session of the database to learn that.
   */
  private void breakOff(UUID attemptId) {
    running.computeIfPresent(
        attemptId,
        (id, one) -> {
          if (one.playing) {
            one.thread.interrupt();
          }
          return one;
        });
  }

  private boolean isStopping() {
    return stopping.getCount() == 0;
  }

  /** True when the process stops. */
  private boolean pause(Duration pause) {
    try {
      return stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  private record Running(String place, Thread thread, boolean playing) {

    Running played() {
      return new Running(place, thread, false);
    }
  }
}
