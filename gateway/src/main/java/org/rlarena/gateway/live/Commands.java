package org.rlarena.gateway.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** What a client may say over its WebSocket. What is wrong is answered and changes nothing. */
@ApplicationScoped
class Commands {

  static final String UNKNOWN_TOPIC =
      "A topic is environment:<id>, agent:<uuid> or match:<uuid>, such as environment:pong.";

  private final ObjectMapper json;
  private final Hub hub;

  Commands(ObjectMapper json, Hub hub) {
    this.json = json;
    this.hub = hub;
  }

  void handle(Connection connection, String text) {
    Command command;
    try {
      command = json.readValue(text, Command.class);
    } catch (JsonProcessingException e) {
      command = null;
    }
    if (command == null || command.type == null) {
      refuse(
          connection,
          "bad_message",
          "Send an object such as {\"type\":\"subscribe\","
              + "\"payload\":{\"topic\":\"environment:pong\"}}.");
      return;
    }
    switch (command.type) {
      case "subscribe" ->
          topic(command)
              .ifPresentOrElse(
                  topic -> hub.subscribe(connection, topic), () -> unknownTopic(connection));
      case "unsubscribe" ->
          topic(command)
              .ifPresentOrElse(
                  topic -> hub.unsubscribe(connection, topic), () -> unknownTopic(connection));
      case "resume" -> {
        if (command.payload == null || command.payload.lastEventId == null) {
          refuse(connection, "bad_message", "resume needs payload.lastEventId.");
        } else {
          hub.resume(connection, command.payload.lastEventId);
        }
      }
      default ->
          refuse(
              connection, "unknown_type", "Messages here are subscribe, unsubscribe and resume.");
    }
  }

  private static Optional<Topic> topic(Command command) {
    return Optional.ofNullable(command.payload).map(payload -> payload.topic).flatMap(Topic::parse);
  }

  private void unknownTopic(Connection connection) {
    refuse(connection, "unknown_topic", UNKNOWN_TOPIC);
  }

  void refuse(Connection connection, String code, String message) {
    hub.tell(connection, "error", new Notices.Failure(code, message));
  }

  /** A client's message. */
  @RegisterForReflection
  record Command(String type, Payload payload) {

    @RegisterForReflection
    record Payload(String topic, String lastEventId) {}
  }
}
