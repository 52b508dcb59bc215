package org.rlarena.agent.agents;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code submission.activated} (key: agent): which version plays. Repeats and late events are
 * recognised by their sequence; events that cannot be read go to the dead letters.
 */
@ApplicationScoped
class ActivationListener {

  private final Inbox inbox;
  private final Agents agents;

  ActivationListener(Inbox inbox, Agents agents) {
    this.inbox = inbox;
    this.agents = agents;
  }

  @Incoming("activations")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "activations",
        record,
        event -> {
          switch (event.type()) {
            case "org.rlarena.submission.activated.v1" -> {
              Activation fact = event.as(Activation.class);
              agents.activate(fact.agentId(), Optional.of(fact.submissionId()), fact.sequence());
            }
            case "org.rlarena.submission.deactivated.v1" -> {
              Activation fact = event.as(Activation.class);
              agents.activate(fact.agentId(), Optional.empty(), fact.sequence());
            }
            default -> {
              // a fact this service does not need
            }
          }
        });
  }

  /**
   * What both types have in common.
   *
   * @param sequence grows with every activation and deactivation of this agent, from 1
   * @param submissionId the version that plays now, or that played until now
   */
  @RegisterForReflection
  record Activation(UUID agentId, long sequence, UUID submissionId) {
    Activation {
      Objects.requireNonNull(agentId, "agentId");
      Objects.requireNonNull(submissionId, "submissionId");
      if (sequence < 1) {
        throw new IllegalArgumentException("sequence must be at least 1");
      }
    }
  }
}
