package org.rlarena.webhook.events;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collection;
import java.util.UUID;
import org.rlarena.outbox.IncomingEvent;
import org.rlarena.webhook.deliveries.Deliveries;
import org.rlarena.webhook.deliveries.Message;

/** Makes of an event what hooks are told. In the transaction of the inbox. */
@ApplicationScoped
class FanOut {

  private static final String PREFIX = "org.rlarena.";

  private final Deliveries deliveries;

  FanOut(Deliveries deliveries) {
    this.deliveries = deliveries;
  }

  /**
   * @param topic what hooks ask for
   */
  void tell(String topic, IncomingEvent event, Collection<UUID> users) {
    deliveries.add(topic, event.id(), event.time(), body(event), type(event), users);
  }

  /** The type as hooks are told it. */
  static String type(IncomingEvent event) {
    return event.type().startsWith(PREFIX) ? event.type().substring(PREFIX.length()) : event.type();
  }

  String body(IncomingEvent event) {
    return deliveries.body(new Message(type(event), event.time(), event.as(JsonNode.class)));
  }
}
