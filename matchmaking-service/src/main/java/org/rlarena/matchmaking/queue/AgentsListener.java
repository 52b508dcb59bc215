package org.rlarena.matchmaking.queue;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.matchmaking.roster.AgentChanged;
import org.rlarena.matchmaking.roster.Roster;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code agent.changed} (key: agent): agents appear, are taken out of play, come back, are
 * deleted. A repeat or an older state changes nothing, by its sequence. What cannot be decoded goes
 * to {@code agent.changed.matchmaking-service.dlq}.
 */
@ApplicationScoped
class AgentsListener {

  static final String CHANGED = "org.rlarena.agent.changed.v1";
  static final String DELETED = "org.rlarena.agent.deleted.v1";

  private final Inbox inbox;
  private final Roster roster;
  private final Queue queue;

  AgentsListener(Inbox inbox, Roster roster, Queue queue) {
    this.inbox = inbox;
    this.roster = roster;
    this.queue = queue;
  }

  @Incoming("agent-changed")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "agents",
        record,
        event -> {
          switch (event.type()) {
            case CHANGED -> {
              var agent = event.as(AgentChanged.class);
              roster.put(agent);
              queue.reconsider(agent.agentId());
            }
            case DELETED -> {
              var agent = event.as(AgentChanged.Deleted.class);
              roster.remove(agent);
              queue.reconsider(agent.agentId());
            }
            default -> {
              // a fact this service does not need
            }
          }
        });
  }
}
