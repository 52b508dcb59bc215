package org.rlarena.outbox;

import java.util.Objects;

/**
 * A fact to publish.
 *
 * @param topic topic without prefix, such as {@code agent.changed}
 * @param key events of one topic and key keep their order
 * @param type CloudEvents type, such as {@code org.rlarena.agent.changed.v1}
 * @param subject id of the aggregate the fact is about
 * @param data the payload, serialised with the application's {@code ObjectMapper}
 */
public record Event(String topic, String key, String type, String subject, Object data) {

  /** No component may be null. */
  public Event {
    Objects.requireNonNull(topic, "topic");
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(data, "data");
  }
}
