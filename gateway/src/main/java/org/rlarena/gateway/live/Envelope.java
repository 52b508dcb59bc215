package org.rlarena.gateway.live;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Set;

/**
 * How every message looks on the wire; clients of the reference system read {@code type} and {@code
 * payload}.
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
record Envelope(String type, String id, Object payload) {

  /** A message to one client. */
  static Message toOne(ObjectMapper json, String type, Object payload) {
    return message(json, null, type, payload, Set.of());
  }

  static Message message(
      ObjectMapper json, String id, String type, Object payload, Set<Topic> topics) {
    try {
      String text = json.writeValueAsString(new Envelope(type, id, payload));
      return new Message(id, type, text, topics);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot be written as JSON: " + payload.getClass(), e);
    }
  }
}
