package org.rlarena.match.executors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.Optional;
import org.rlarena.executor.v1.Environment;

/**
 * An environment that an executor plays, as published.
 *
 * @param version changes whenever the same seed and actions could give another game
 * @param maxSteps steps after which a game is cut
 * @param config rules and spaces, for people and clients to read
 */
@RegisterForReflection
public record OfferedEnvironment(
    String environmentId,
    String name,
    String description,
    String version,
    int minPlayers,
    int maxPlayers,
    int maxSteps,
    ObjectNode config) {

  /** What executors of the reference system play; they cannot be asked. */
  static final OfferedEnvironment REFERENCE_PONG =
      new OfferedEnvironment(
          "pong",
          "Pong",
          "Two paddles and one ball.",
          "unknown",
          2,
          2,
          10_000,
          JsonNodeFactory.instance.objectNode());

  private static final int MAX_ID_LENGTH = 50;

  /** What the executor said; empty when it cannot be a game of this platform. */
  static Optional<OfferedEnvironment> of(Environment told, ObjectMapper json) {
    boolean sound =
        !told.getId().isBlank()
            && told.getId().length() <= MAX_ID_LENGTH
            && told.getMinPlayers() >= 2
            && told.getMaxPlayers() >= told.getMinPlayers()
            && told.getMaxSteps() >= 1;
    return sound
        ? Optional.of(
            new OfferedEnvironment(
                told.getId(),
                told.getName(),
                told.getDescription(),
                told.getVersion(),
                told.getMinPlayers(),
                told.getMaxPlayers(),
                told.getMaxSteps(),
                object(told.getConfigJson(), json)))
        : Optional.empty();
  }

  private static ObjectNode object(String text, ObjectMapper json) {
    try {
      JsonNode read = json.readTree(text);
      return read instanceof ObjectNode object ? object : json.createObjectNode();
    } catch (JsonProcessingException e) {
      return json.createObjectNode();
    }
  }
}
