package org.rlarena.rating.directory;

import static java.util.Objects.requireNonNull;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code agent.changed} (key: agent). A repeat or an older state changes nothing, by its
 * sequence. What cannot be decoded goes to {@code agent.changed.rating-service.dlq}.
 */
@ApplicationScoped
class AgentsListener {

  static final String CHANGED = "org.rlarena.agent.changed.v1";
  static final String DELETED = "org.rlarena.agent.deleted.v1";

  private final Inbox inbox;
  private final Directory directory;

  AgentsListener(Inbox inbox, Directory directory) {
    this.inbox = inbox;
    this.directory = directory;
  }

  @Incoming("agent-changed")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "agents",
        record,
        event -> {
          switch (event.type()) {
            case CHANGED -> directory.put(event.as(AgentChanged.class));
            case DELETED -> {
              var gone = event.as(AgentDeleted.class);
              directory.removeAgent(gone.agentId(), gone.sequence());
            }
            default -> {
              // a fact this service does not need
            }
          }
        });
  }

  /** What this service reads of {@code agent.changed.v1}. */
  record AgentChanged(
      UUID agentId,
      long sequence,
      UUID ownerId,
      String name,
      String description,
      String environmentId,
      Instant createdAt,
      Instant updatedAt) {
    AgentChanged {
      requireNonNull(agentId, "agentId");
      requireNonNull(ownerId, "ownerId");
      requireNonNull(name, "name");
      requireNonNull(description, "description");
      requireNonNull(environmentId, "environmentId");
      requireNonNull(createdAt, "createdAt");
      requireNonNull(updatedAt, "updatedAt");
      Sequences.check(sequence);
    }
  }

  /** What this service reads of {@code agent.deleted.v1}. */
  record AgentDeleted(UUID agentId, long sequence) {
    AgentDeleted {
      requireNonNull(agentId, "agentId");
      Sequences.check(sequence);
    }
  }
}
