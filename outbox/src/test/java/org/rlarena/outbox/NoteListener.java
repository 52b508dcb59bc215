package org.rlarena.outbox;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;

/** Stores a note per event; the test tells it to fail for some. */
@ApplicationScoped
class NoteListener {

  static final String AGENT_CHANGED = "org.rlarena.agent.changed.v1";

  private final Map<String, Queue<RuntimeException>> faults = new ConcurrentHashMap<>();
  private final Queue<String> calls = new ConcurrentLinkedQueue<>();
  private final Inbox inbox;
  private final EntityManager entities;

  NoteListener(Inbox inbox, EntityManager entities) {
    this.inbox = inbox;
    this.entities = entities;
  }

  /** What this reader needs of the event. */
  record AgentChanged(String agentId, String name) {
    AgentChanged {
      Objects.requireNonNull(agentId, "agentId");
      Objects.requireNonNull(name, "name");
    }
  }

  /** Lets the next calls for an agent fail after they have stored their note. */
  void failFor(String agentId, List<RuntimeException> causes) {
    faults.put(agentId, new ConcurrentLinkedQueue<>(causes));
  }

  /** How often the handler was called for an agent. */
  int callsFor(String agentId) {
    return Collections.frequency(List.copyOf(calls), agentId);
  }

  @Incoming("agent-changed")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive("agents", record, this::handle);
  }

  private void handle(IncomingEvent event) {
    switch (event.type()) {
      case AGENT_CHANGED -> {
        AgentChanged change = event.as(AgentChanged.class);
        calls.add(change.agentId());
        entities.persist(new Note(change.agentId(), change.name()));
        entities.flush();
        Queue<RuntimeException> due = faults.get(change.agentId());
        if (due != null && !due.isEmpty()) {
          throw due.poll();
        }
      }
      default -> {
        // another fact of the same topic
      }
    }
  }
}
