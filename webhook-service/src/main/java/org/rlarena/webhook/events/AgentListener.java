package org.rlarena.webhook.events;

import static java.util.Objects.requireNonNull;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code agent.changed} (key: agent). A repeat or an older state changes nothing, by its
 * sequence. What cannot be decoded goes to {@code agent.changed.webhook-service.dlq}.
 */
@ApplicationScoped
class AgentListener {

  static final String CHANGED = "org.rlarena.agent.changed.v1";
  static final String DELETED = "org.rlarena.agent.deleted.v1";

  private final Inbox inbox;
  private final Agents agents;

  AgentListener(Inbox inbox, Agents agents) {
    this.inbox = inbox;
    this.agents = agents;
  }

  @Incoming("agents")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "agents",
        record,
        event -> {
          switch (event.type()) {
            case CHANGED -> {
              Changed agent = event.as(Changed.class);
              agents.put(agent.agentId(), agent.sequence(), agent.ownerId());
            }
            case DELETED -> {
              Deleted agent = event.as(Deleted.class);
              agents.bury(agent.agentId(), agent.sequence());
            }
            default -> {
              // a fact this service does not need
            }
          }
        });
  }

  /** What this service reads of {@code agent.changed.v1}. */
  @RegisterForReflection
  record Changed(UUID agentId, long sequence, UUID ownerId) {
    Changed {
      requireNonNull(agentId, "agentId");
      requireNonNull(ownerId, "ownerId");
      requirePositive(sequence);
    }
  }

  /** What this service reads of {@code agent.deleted.v1}. */
  @RegisterForReflection
  record Deleted(UUID agentId, long sequence) {
    Deleted {
      requireNonNull(agentId, "agentId");
      requirePositive(sequence);
    }
  }

  private static void requirePositive(long sequence) {
    if (sequence < 1) {
      throw new IllegalArgumentException("sequence must be at least 1");
    }
  }
}
