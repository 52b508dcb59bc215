package org.rlarena.infra.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;

/** Makes a schema refuse fields that it does not name. */
final class StrictSchema {

  /** Parts of one object's description: only the whole knows which fields are named. */
  private static final Set<String> PARTS =
      Set.of("allOf", "anyOf", "oneOf", "not", "if", "then", "else");

  private StrictSchema() {}

  static void close(JsonNode schema) {
    close(schema, false);
  }

  private static void close(JsonNode schema, boolean part) {
    if (schema instanceof ObjectNode object
        && !part
        && (object.path("properties").isObject() || object.has("allOf"))) {
      JsonNode additional = object.path("additionalProperties");
      if (additional.isMissingNode() || additional.isBoolean()) {
        // unlike additionalProperties it also sees what allOf and $ref name
        object.remove(List.of("additionalProperties"));
        object.set("unevaluatedProperties", BooleanNode.FALSE);
      }
    }
    if (schema.isObject()) {
      schema.properties().forEach(e -> close(e.getValue(), PARTS.contains(e.getKey())));
    } else if (schema.isArray()) {
      schema.forEach(element -> close(element, part));
    }
  }
}
