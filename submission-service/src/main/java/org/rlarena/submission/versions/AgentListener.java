package org.rlarena.submission.versions;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;
import org.rlarena.outbox.IncomingEvent;
import org.rlarena.submission.agents.AgentSnapshot;
import org.rlarena.submission.agents.Agents;

/**
 * Reads {@code agent.changed}, keyed by agent. A change is kept unless a newer one or a tombstone
 * is there; a deletion leaves the tombstone, deactivates the playing version and thereby hides all
 * versions, whose uploads {@link SourceSweeper} erases. Both repeat safely and in any order. What
 * cannot be decoded goes to {@code agent.changed.submission-service.dlq}.
 */
@ApplicationScoped
class AgentListener {

  private static final String CHANGED = "org.rlarena.agent.changed.v1";
  private static final String DELETED = "org.rlarena.agent.deleted.v1";

  private final Inbox inbox;
  private final Agents agents;
  private final Activation activation;

  AgentListener(Inbox inbox, Agents agents, Activation activation) {
    this.inbox = inbox;
    this.agents = agents;
    this.activation = activation;
  }

  @Incoming("agent-changed")
  @Blocking
  void on(ConsumerRecord<String, byte[]> message) {
    inbox.receive("agents", message, this::handle);
  }

  private void handle(IncomingEvent event) {
    switch (event.type()) {
      case CHANGED -> agents.learn(event.as(AgentSnapshot.class));
      case DELETED -> retire(event.as(AgentDeleted.class));
      default -> {} // a type of a later writer
    }
  }

  private void retire(AgentDeleted deleted) {
    agents.bury(deleted.agentId(), deleted.sequence());
    agents
        .lock(deleted.agentId())
        .ifPresent(agent -> activation.deactivate(agent, "agent_deleted"));
  }

  /** The part of {@code agent.deleted} that is used. */
  @RegisterForReflection
  record AgentDeleted(UUID agentId, long sequence) {
    AgentDeleted {
      Objects.requireNonNull(agentId, "agentId");
    }
  }
}
