package org.rlarena.agent.environments;

import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.rlarena.access.AuditLog;
import org.rlarena.access.Caller;
import org.rlarena.agent.AgentError;
import org.rlarena.agent.environments.EnvironmentsOffered.Offer;
import org.rlarena.outbox.Event;
import org.rlarena.outbox.Outbox;
import org.rlarena.outbox.SchemaMigration;

/**
 * Keeps the catalogue in step with what live executors play and tells readers of each change. A row
 * and its event are one transaction: a process that dies before the commit leaves neither.
 */
@ApplicationScoped
class Catalogue {

  private final Environments environments;
  private final Outbox outbox;
  private final AuditLog audit;
  private final SchemaMigration schema;
  private final Clock clock;
  private volatile boolean seedsAnnounced;

  Catalogue(
      Environments environments,
      Outbox outbox,
      AuditLog audit,
      SchemaMigration schema,
      Clock clock) {
    this.environments = environments;
    this.outbox = outbox;
    this.audit = audit;
    this.schema = schema;
    this.clock = clock;
  }

  /**
   * Takes over all environments that live executors play; those that are missing are no longer
   * offered. A list that is not newer than the last one changes nothing.
   */
  void merge(EnvironmentsOffered offered) {
    if (!environments.advanceTo(offered.sequence())) {
      return;
    }
    Instant now = clock.instant();
    Map<String, Offer> offers =
        offered.environments().stream()
            .collect(Collectors.toMap(Offer::environmentId, Function.identity(), (a, b) -> b));
    for (Environment known : environments.locked()) {
      Offer offer = offers.remove(known.id);
      boolean changed = offer == null ? known.withdraw(now) : known.offer(offer.rules(), now);
      if (changed) {
        publish(known);
      }
    }
    for (Offer offer : offers.values()) {
      Environment discovered = Environment.discovered(offer.rules(), now);
      environments.persist(discovered);
      publish(discovered);
    }
  }

  /**
   * Switches an environment on or off: one that is off is paired no more, and nobody can challenge
   * in it. Refuses with {@code environment_not_found}, {@code already_disabled} or {@code
   * already_enabled}.
   */
  @Transactional
  void allow(Caller admin, String id, boolean enabled, String reason) {
    Environment environment =
        (id.indexOf('\0') >= 0 ? Optional.<Environment>empty() : environments.lock(id))
            .orElseThrow(
                () ->
                    AgentError.ENVIRONMENT_NOT_FOUND.because(
                        "There is no such environment. Check the id."));
    if (!environment.allow(enabled, clock.instant())) {
      throw enabled
          ? AgentError.ALREADY_ENABLED.because("This environment is on already.")
          : AgentError.ALREADY_DISABLED.because("This environment is off already.");
    }
    publish(environment);
    audit.add(admin, enabled ? "environment.enabled" : "environment.disabled", id, reason);
  }

  /**
   * Publishes the rows that came with the database, once ever: readers have no other way to learn
   * of them before an executor comes up. Runs again until it has worked once in this process.
   */
  @Scheduled(every = "2s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  @Transactional
  void announceSeeds() {
    if (seedsAnnounced || !schema.isReady()) {
      return;
    }
    Instant now = clock.instant();
    for (Environment environment : environments.locked()) {
      if (environment.sequence == 0) {
        environment.announce(now);
        publish(environment);
      }
    }
    seedsAnnounced = true;
  }

  private void publish(Environment environment) {
    outbox.add(
        new Event(
            EnvironmentChanged.TOPIC,
            environment.id,
            EnvironmentChanged.TYPE,
            environment.id,
            environment.event()));
  }
}
