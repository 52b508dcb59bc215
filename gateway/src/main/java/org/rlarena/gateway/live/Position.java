package org.rlarena.gateway.live;

import org.rlarena.gateway.bus.BusEvent;

/** Names of messages that are the same on every replica: where the event stands on the bus. */
final class Position {

  private Position() {}

  /** Of the only message an event makes, such as {@code mf2-1234}. */
  static String of(BusEvent event) {
    String topic = event.topic();
    int dot = topic.indexOf('.');
    return "%c%c%d-%d"
        .formatted(topic.charAt(0), topic.charAt(dot + 1), event.partition(), event.offset());
  }

  /** Of one of several messages an event makes. */
  static String of(BusEvent event, String part) {
    return of(event) + "-" + part;
  }
}
