package org.rlarena.outbox;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * A row of the outbox that was not sent yet.
 *
 * @param position order of sending
 * @param topic without prefix
 */
record StoredEvent(
    long position,
    UUID id,
    String topic,
    String key,
    String type,
    String subject,
    String payload,
    Instant occurredAt,
    Optional<String> traceparent) {

  /** What keeps its order: a topic and a key, as {@link UnsentEvents} compares them. */
  String lane() {
    return topic + " " + key;
  }
}
