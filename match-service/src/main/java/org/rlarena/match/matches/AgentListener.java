package org.rlarena.match.matches;

import static java.util.Objects.requireNonNull;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.match.directory.AgentChanged;
import org.rlarena.match.directory.Agents;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code agent.changed}, keyed by agent, into the directory; a deletion also cancels the
 * agent's waiting matches, while those being played go on. Sequence and tombstone make a repeat or
 * a late event harmless; what cannot be read goes to {@code agent.changed.match-service.dlq}.
 */
@ApplicationScoped
class AgentListener {

  private static final String CHANGED = "org.rlarena.agent.changed.v1";
  private static final String DELETED = "org.rlarena.agent.deleted.v1";

  private final Inbox inbox;
  private final Agents agents;
  private final Matches matches;
  private final MatchPublisher publisher;
  private final Clock clock;

  AgentListener(
      Inbox inbox, Agents agents, Matches matches, MatchPublisher publisher, Clock clock) {
    this.inbox = inbox;
    this.agents = agents;
    this.matches = matches;
    this.publisher = publisher;
    this.clock = clock;
  }

  @Incoming("agent-changed")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "agents",
        record,
        event -> {
          switch (event.type()) {
            case CHANGED -> agents.put(event.as(AgentChanged.class));
            case DELETED -> delete(event.as(AgentDeleted.class));
            default -> {}
          }
        });
  }

  private void delete(AgentDeleted deleted) {
    if (agents.bury(deleted.agentId(), deleted.sequence())) {
      Instant now = clock.instant();
      for (Match match : matches.pendingOfAgent(deleted.agentId())) {
        match.cancel(Failure.AGENT_DELETED, now);
        publisher.over(match);
      }
    }
  }

  /** What this service reads of {@code agent.deleted.v1}. */
  @RegisterForReflection
  record AgentDeleted(UUID agentId, long sequence) {
    AgentDeleted {
      requireNonNull(agentId, "agentId");
    }
  }
}
