package org.rlarena.infra.testing;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.util.Set;

/**
 * The published examples and schemas of events, from {@code contracts/} on the class path.
 *
 * <p>Short types leave out the common prefix: {@code submission.created.v1}.
 */
public final class Contract {

  private static final String PREFIX = "org.rlarena.";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonSchemaFactory SCHEMAS =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);
  private static final SchemaValidatorsConfig CONFIG =
      SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();

  private Contract() {}

  /**
   * A published example as text.
   *
   * @throws IllegalArgumentException when there is none of that type
   */
  public static String example(String shortType) {
    return ContractFiles.read("examples/" + shortType + ".json");
  }

  /** A published example to change before use. */
  public static ObjectNode exampleNode(String shortType) {
    return (ObjectNode) tree(example(shortType));
  }

  /** As {@link #assertMatches(String, String)}, for an event read from a topic. */
  public static void assertMatches(ReceivedEvent event) {
    if (event.type() == null) {
      throw new AssertionError("The record has no ce_type: " + event);
    }
    assertMatches(event.type(), event.data());
  }

  /**
   * Fails unless the payload fits the schema of its type and holds only fields that the schema
   * names. Schemas allow further fields, so that old readers accept new writers; but a field that a
   * writer sends and no schema names is a promise nobody wrote down.
   *
   * @param type full or short type
   */
  public static void assertMatches(String type, String json) {
    assertMatches(type, tree(json));
  }

  private static void assertMatches(String type, JsonNode data) {
    String shortType = type.startsWith(PREFIX) ? type.substring(PREFIX.length()) : type;
    JsonNode schema = tree(ContractFiles.read(shortType + ".schema.json"));
    StrictSchema.close(schema);
    Set<ValidationMessage> messages = SCHEMAS.getSchema(schema, CONFIG).validate(data);
    if (!messages.isEmpty()) {
      throw new AssertionError(
          "Not a valid %s: %s%nin %s".formatted(shortType, messages, data.toPrettyString()));
    }
  }

  private static JsonNode tree(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new AssertionError("Not JSON: " + json, e);
    }
  }
}
