package org.rlarena.matchmaking.queue;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.matchmaking.roster.EnvironmentChanged;
import org.rlarena.matchmaking.roster.Roster;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code environment.changed} (key: environment): agents are paired where an environment is
 * switched on and offered, and keep waiting elsewhere. A repeat or an older state changes nothing,
 * by its sequence. What cannot be decoded goes to {@code
 * environment.changed.matchmaking-service.dlq}.
 */
@ApplicationScoped
class EnvironmentsListener {

  static final String CHANGED = "org.rlarena.environment.changed.v1";

  private final Inbox inbox;
  private final Roster roster;
  private final Event<RoundDue> roundDue;

  EnvironmentsListener(Inbox inbox, Roster roster, Event<RoundDue> roundDue) {
    this.inbox = inbox;
    this.roster = roster;
    this.roundDue = roundDue;
  }

  @Incoming("environment-changed")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "environments",
        record,
        event -> {
          if (event.type().equals(CHANGED)) {
            var environment = event.as(EnvironmentChanged.class);
            roster.put(environment);
            roundDue.fire(new RoundDue(environment.environmentId()));
          }
        });
  }
}
