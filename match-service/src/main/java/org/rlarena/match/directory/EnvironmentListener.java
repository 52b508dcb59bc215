package org.rlarena.match.directory;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.match.directory.Environments.EnvironmentChanged;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code environment.changed}, keyed by environment. The sequence makes a repeat or a late
 * event harmless; what cannot be read goes to {@code environment.changed.match-service.dlq}.
 */
@ApplicationScoped
class EnvironmentListener {

  private static final String CHANGED = "org.rlarena.environment.changed.v1";

  private final Inbox inbox;
  private final Environments environments;

  EnvironmentListener(Inbox inbox, Environments environments) {
    this.inbox = inbox;
    this.environments = environments;
  }

  @Incoming("environment-changed")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "environments",
        record,
        event -> {
          if (event.type().equals(CHANGED)) {
            environments.put(event.as(EnvironmentChanged.class));
          }
        });
  }
}
