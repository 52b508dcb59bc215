package org.rlarena.match.executors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.scheduler.Scheduled;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.rlarena.outbox.Event;
import org.rlarena.outbox.Outbox;
import org.rlarena.outbox.SchemaMigration;

/**
 * Publishes {@code executor.environments}, keyed by the text {@code executors}, whenever what live
 * executors play together has changed: a snapshot, an empty one when none lives. The last snapshot
 * and its sequence are in the database, and so is the lease of the one replica that publishes:
 * replicas that see executors differently would contradict each other.
 */
@ApplicationScoped
class EnvironmentsPublisher {

  private static final Logger LOG = Logger.getLogger(EnvironmentsPublisher.class);
  private static final String TOPIC = "executor.environments";
  private static final String TYPE = "org.rlarena.executor.environments-offered.v1";
  private static final String KEY = "executors";
  private static final Duration HOLD = Duration.ofSeconds(20);
  private static final TypeReference<List<OfferedEnvironment>> SNAPSHOT = new TypeReference<>() {};

  private final Executors executors;
  private final EntityManager entities;
  private final Outbox outbox;
  private final SchemaMigration schema;
  private final ObjectMapper json;
  private final Clock clock;
  private final String self = UUID.randomUUID().toString();
  private final Instant judgeFrom;

  EnvironmentsPublisher(
      Executors executors,
      EntityManager entities,
      Outbox outbox,
      SchemaMigration schema,
      ObjectMapper json,
      Clock clock,
      ExecutorConfig config) {
    this.executors = executors;
    this.entities = entities;
    this.outbox = outbox;
    this.schema = schema;
    this.json = json;
    this.clock = clock;
    // After a start nobody has been seen yet, which does not mean that nobody is there.
    this.judgeFrom = clock.instant().plus(config.goneAfter());
  }

  @Scheduled(every = "1s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
  void watch() {
    Instant now = clock.instant();
    List<OfferedEnvironment> offered = union(now);
    if (!schema.isReady() || offered.isEmpty() && now.isBefore(judgeFrom)) {
      return;
    }
    try {
      QuarkusTransaction.requiringNew().run(() -> publishIfChanged(offered, now));
    } catch (RuntimeException e) {
      LOG.warnf("Offered environments could not be published, trying again: %s", e.getMessage());
    }
  }

  private void publishIfChanged(List<OfferedEnvironment> offered, Instant now) {
    List<?> held =
        entities
            .createNativeQuery(
                """
                update offered_environments set holder = :self, holder_until = :until
                where id = 1 and (holder is null or holder = :self or holder_until < :now)
                returning sequence, environments
                """,
                Object[].class)
            .setParameter("self", self)
            .setParameter("until", now.plus(HOLD))
            .setParameter("now", now)
            .getResultList();
    if (held.isEmpty()) {
      return;
    }
    Object[] last = (Object[]) held.getFirst();
    try {
      if (!json.readValue((String) last[1], SNAPSHOT).equals(offered)) {
        publish(((Number) last[0]).longValue() + 1, offered, now);
      }
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("The stored snapshot is not what was stored", e);
    }
  }

  private void publish(long sequence, List<OfferedEnvironment> offered, Instant now)
      throws JsonProcessingException {
    entities
        .createNativeQuery(
            """
            update offered_environments set sequence = :sequence,
              environments = :environments where id = 1
            """)
        .setParameter("sequence", sequence)
        .setParameter("environments", json.writeValueAsString(offered))
        .executeUpdate();
    outbox.add(new Event(TOPIC, KEY, TYPE, KEY, new Offered(sequence, offered, now)));
  }

  /** By id; of two executors that differ the first configured one is believed. */
  private List<OfferedEnvironment> union(Instant now) {
    Map<String, OfferedEnvironment> byId = new TreeMap<>();
    for (ExecutorNode node : executors.all()) {
      node.offered(now).forEach(e -> byId.putIfAbsent(e.environmentId(), e));
    }
    return List.copyOf(byId.values());
  }

  /** Payload of {@code executor.environments-offered.v1}. */
  @RegisterForReflection
  record Offered(long sequence, List<OfferedEnvironment> environments, Instant observedAt) {}
}
