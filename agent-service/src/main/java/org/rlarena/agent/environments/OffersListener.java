package org.rlarena.agent.environments;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code executor.environments} (one key, in order). Repeated and late lists are recognised
 * by their sequence; lists that cannot be read go to the dead letters.
 */
@ApplicationScoped
class OffersListener {

  private final Inbox inbox;
  private final Catalogue catalogue;

  OffersListener(Inbox inbox, Catalogue catalogue) {
    this.inbox = inbox;
    this.catalogue = catalogue;
  }

  @Incoming("offers")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "catalogue",
        record,
        event -> {
          if (event.type().equals(EnvironmentsOffered.TYPE)) {
            catalogue.merge(event.as(EnvironmentsOffered.class));
          }
        });
  }
}
