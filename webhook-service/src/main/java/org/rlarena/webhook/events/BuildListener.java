package org.rlarena.webhook.events;

import static java.util.Objects.requireNonNull;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code submission.built} (key: agent). It names the agent, not the owner: an agent that is
 * not known yet, since its own event comes on another topic, is waited for in {@link Agents}.
 * Repeats as in {@link MatchListener}; what cannot be decoded goes to {@code
 * submission.built.webhook-service.dlq}.
 */
@ApplicationScoped
class BuildListener {

  static final String TOPIC = "submission.built";

  private static final Set<String> TYPES =
      Set.of(
          "org.rlarena.submission.build-succeeded.v1",
          "org.rlarena.submission.build-failed.v1",
          "org.rlarena.submission.scan-blocked.v1");

  private final Inbox inbox;
  private final Agents agents;

  BuildListener(Inbox inbox, Agents agents) {
    this.inbox = inbox;
    this.agents = agents;
  }

  @Incoming("builds")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "builds",
        record,
        event -> {
          if (TYPES.contains(event.type())) {
            agents.built(event.as(Built.class).agentId(), event);
          }
        });
  }

  /** What this service reads of all these types. */
  @RegisterForReflection
  record Built(UUID agentId) {
    Built {
      requireNonNull(agentId, "agentId");
    }
  }
}
