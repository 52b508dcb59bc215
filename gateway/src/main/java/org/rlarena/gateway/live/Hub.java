package org.rlarena.gateway.live;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.rlarena.gateway.GatewayConfig;
import org.rlarena.gateway.caller.Caller;
import org.rlarena.gateway.caller.Revocations;

/**
 * Who listens to what, and what was said lately. One lock guards both, so a client that subscribes
 * or resumes neither misses a message nor gets one twice. Under the lock messages are only queued;
 * writing happens on the connections' own event loops.
 */
@ApplicationScoped
class Hub {

  private final ObjectMapper json;
  private final Revocations revocations;
  private final GatewayConfig.Live config;
  private final MeterRegistry metrics;
  private final History history;
  private final Map<Topic, Set<Connection>> listeners = new HashMap<>();
  private final Map<UUID, Set<Connection>> byUser = new HashMap<>();
  private int connections;

  Hub(ObjectMapper json, Revocations revocations, GatewayConfig gateway, MeterRegistry metrics) {
    this.json = json;
    this.revocations = revocations;
    this.config = gateway.live();
    this.metrics = metrics;
    this.history =
        new History(
            Integer.toHexString(ThreadLocalRandom.current().nextInt(0x1000, 0x10000)),
            Clock.systemUTC(),
            config.keep(),
            config.keepEvents(),
            config.keepBytes().asLongValue());
    revocations.watch(this::recheck);
    Gauge.builder("arena_gateway_live_connections", this, Hub::size)
        .description("Clients of the live stream")
        .register(metrics);
  }

  /** What became of a wish to listen. */
  enum Admission {
    IN,
    FULL,
    TOO_MANY_OF_USER,
    REVOKED
  }

  /** Whether a caller would be let in now. */
  synchronized Admission mayEnter(Caller caller) {
    if (connections >= config.maxConnections()) {
      return Admission.FULL;
    }
    if (byUser.getOrDefault(caller.userId(), Set.of()).size() >= config.maxConnectionsPerUser()) {
      return Admission.TOO_MANY_OF_USER;
    }
    return revocations.refuses(caller) ? Admission.REVOKED : Admission.IN;
  }

  /**
   * Lets a connection in, listening to its user's own topic and to these.
   *
   * @param lastEventId the last message the client has had, null if it wants no earlier ones
   */
  synchronized Admission admit(
      Connection connection, Collection<Topic> topics, String lastEventId) {
    Admission admission = mayEnter(connection.caller);
    if (admission != Admission.IN) {
      return admission;
    }
    UUID user = connection.caller.userId();
    connections++;
    byUser.computeIfAbsent(user, id -> new HashSet<>()).add(connection);
    listen(connection, Topic.user(user));
    topics.forEach(topic -> listen(connection, topic));
    connection.offer(
        Envelope.toOne(json, "hello", new Notices.Hello(user, history.lastId().orElse(null))));
    if (lastEventId != null) {
      resume(connection, lastEventId);
    }
    return Admission.IN;
  }

  /** Forgets a connection; a second time does nothing. */
  synchronized void leave(Connection connection) {
    connection.gone();
    Set<Connection> ofUser = byUser.get(connection.caller.userId());
    if (ofUser == null || !ofUser.remove(connection)) {
      return;
    }
    connections--;
    if (ofUser.isEmpty()) {
      byUser.remove(connection.caller.userId());
    }
    List.copyOf(connection.topics.keySet()).forEach(topic -> unlisten(connection, topic));
  }

  /** Subscribes a connection and says so to the client, or why not. */
  synchronized void subscribe(Connection connection, Topic topic) {
    // one is the user's own
    if (connection.topics.size() > config.maxTopics() && !connection.topics.containsKey(topic)) {
      tell(
          connection,
          "error",
          new Notices.Failure(
              "too_many_topics",
              "One connection may have " + config.maxTopics() + " topics; unsubscribe first."));
      return;
    }
    listen(connection, topic);
    tell(connection, "subscribed", new Notices.OfTopic(topic.name()));
  }

  /** Ends a subscription and says so. */
  synchronized void unsubscribe(Connection connection, Topic topic) {
    unlisten(connection, topic);
    tell(connection, "unsubscribed", new Notices.OfTopic(topic.name()));
  }

  /**
   * Sends again what the connection would have got since that message, had it been there with the
   * topics it has now; {@code resync} if the message is not known (any more).
   */
  synchronized void resume(Connection connection, String lastEventId) {
    if (connection.resumed) {
      tell(
          connection,
          "error",
          new Notices.Failure("resumed_already", "A connection can resume once."));
      return;
    }
    connection.resumed = true;
    Optional<List<History.Entry>> missed = history.after(lastEventId);
    if (missed.isEmpty()) {
      tell(
          connection,
          "resync",
          new Notices.Failure(
              "unknown_event", "What came since is not known any more; load your data again."));
      return;
    }
    int count = 0;
    for (History.Entry entry : missed.get()) {
      if (connection.lacks(entry)) {
        connection.replay(entry.message());
        count++;
      }
    }
    tell(connection, "resumed", new Notices.Resumed(count));
  }

  /** Keeps a message and queues it for all who listen to one of its topics. */
  synchronized void publish(Draft draft) {
    if (history.knows(draft.position())) {
      return;
    }
    Message message =
        Envelope.message(
            json, history.idOf(draft.position()), draft.type(), draft.payload(), draft.topics());
    history.add(draft.position(), message);
    metrics.counter("arena_gateway_live_messages", "type", draft.type()).increment();
    deliver(message);
  }

  /** Queues a message that is not kept for a user's connections. */
  synchronized void whisper(UUID user, String type, Object payload) {
    deliver(Envelope.message(json, null, type, payload, Set.of(Topic.user(user))));
  }

  /** A token of a connection of this user that is still good; empty when the user is not here. */
  synchronized Optional<String> tokenOf(UUID user) {
    return byUser.getOrDefault(user, Set.of()).stream()
        .map(connection -> connection.caller.token())
        .findFirst();
  }

  synchronized void tell(Connection connection, String type, Object payload) {
    connection.offer(Envelope.toOne(json, type, payload));
  }

  synchronized String lastId() {
    return history.lastId().orElse(null);
  }

  synchronized int size() {
    return connections;
  }

  /** Ends the user's connections whose tokens are refused now. */
  private synchronized void recheck(UUID user) {
    for (Connection connection : List.copyOf(byUser.getOrDefault(user, Set.of()))) {
      if (revocations.refuses(connection.caller)) {
        connection.end(Wire.Ending.TOKEN);
        leave(connection);
      }
    }
  }

  synchronized void stop(@Observes ShutdownEvent event) {
    byUser.values().stream()
        .flatMap(Set::stream)
        .toList()
        .forEach(connection -> connection.end(Wire.Ending.STOPPING));
  }

  private void deliver(Message message) {
    Set<Connection> receivers = new HashSet<>();
    for (Topic topic : message.topics()) {
      receivers.addAll(listeners.getOrDefault(topic, Set.of()));
    }
    for (Connection connection : receivers) {
      if (!connection.offer(message)) {
        metrics.counter("arena_gateway_live_dropped").increment();
        leave(connection);
      }
    }
  }

  private void listen(Connection connection, Topic topic) {
    if (connection.topics.putIfAbsent(topic, history.sequence()) == null) {
      listeners.computeIfAbsent(topic, name -> new HashSet<>()).add(connection);
    }
  }

  private void unlisten(Connection connection, Topic topic) {
    if (connection.topics.remove(topic) != null) {
      Set<Connection> left = listeners.get(topic);
      left.remove(connection);
      if (left.isEmpty()) {
        listeners.remove(topic);
      }
    }
  }
}
