package org.rlarena.gateway.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * What is true of all requests and no service says of its own: parameters of one name mean the same
 * everywhere and may be empty, ids in paths are UUIDs, and {@code null} in a body is the same as
 * leaving a field out. Limits that a service checks by hand, and not by annotations, are added from
 * a list.
 */
class RequestRules {

  private static final String SCHEMAS = "#/components/schemas/";
  private static final String ENVIRONMENTS = "environment";
  private static final String EMPTY = "allowEmptyValue";

  private final ObjectNode document;
  private final JsonNode known;

  /**
   * @param document is changed
   * @param known {@code parameters} of queries by name, or by method, path and name; {@code
   *     schemas} of bodies by name; {@code bodies} that have no name by method and path; each what
   *     is to be added to the description there is
   */
  RequestRules(ObjectNode document, JsonNode known) {
    this.document = document;
    this.known = known;
  }

  void apply() {
    for (Map.Entry<String, JsonNode> schema : known.path("schemas").properties()) {
      JsonNode found = document.path("components").path("schemas").path(schema.getKey());
      if (found instanceof ObjectNode described) {
        add(described, schema.getValue());
      }
    }
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        JsonNode described = operation.getValue();
        String name = operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey();
        described.path("parameters").forEach(parameter -> describe(name, parameter));
        for (JsonNode content : described.at("/requestBody/content")) {
          if (content.path("schema") instanceof ObjectNode schema) {
            add(schema, known.path("bodies").path(name));
          }
        }
      }
    }
    allowNullForMissing();
  }

  private void describe(String operation, JsonNode parameter) {
    if (!(parameter.path("schema") instanceof ObjectNode schema)) {
      return;
    }
    String name = parameter.path("name").asText();
    switch (parameter.path("in").asText()) {
      case "query" -> {
        add(schema, known.path("parameters").path(name));
        add(schema, known.path("parameters").path(operation + " " + name));
        allowEmpty((ObjectNode) parameter, schema);
      }
      case "path" -> {
        boolean isUuid =
            name.toLowerCase(Locale.ROOT).endsWith("id") && !isOfEnvironment(operation, name);
        if (isUuid && schema.path("type").asText().equals("string")) {
          schema.put("format", "uuid");
        }
      }
      default -> {}
    }
  }

  /** An empty value is as if the parameter were left out, unless its description knows better. */
  private static void allowEmpty(ObjectNode parameter, ObjectNode schema) {
    boolean single = !schema.path("type").asText().equals("array");
    if (single && !parameter.path("required").asBoolean() && !parameter.has(EMPTY)) {
      parameter.put(EMPTY, true);
    }
  }

  private static boolean isOfEnvironment(String operation, String name) {
    return name.startsWith(ENVIRONMENTS)
        || operation.contains("/" + ENVIRONMENTS + "s/{" + name + "}");
  }

  /** Members of objects are added one by one, null takes away, anything else replaces. */
  private static void add(ObjectNode target, JsonNode more) {
    for (Map.Entry<String, JsonNode> member : more.properties()) {
      if (member.getValue() instanceof ObjectNode inner
          && target.get(member.getKey()) instanceof ObjectNode there) {
        add(there, inner);
      } else if (member.getValue().isNull()) {
        target.remove(member.getKey());
      } else {
        target.set(member.getKey(), member.getValue().deepCopy());
      }
    }
  }

  private void allowNullForMissing() {
    Set<String> seen = new HashSet<>();
    Deque<JsonNode> toVisit = new ArrayDeque<>();
    for (JsonNode path : document.path("paths")) {
      for (JsonNode operation : path) {
        JsonNode body = operation.at("/requestBody/content/application~1json/schema");
        toVisit.push(body);
      }
    }
    while (!toVisit.isEmpty()) {
      JsonNode schema = toVisit.pop();
      String reference = schema.path("$ref").asText();
      if (reference.startsWith(SCHEMAS) && seen.add(reference)) {
        toVisit.push(document.at(reference.substring(1)));
      }
      Set<String> required = new HashSet<>();
      schema.path("required").forEach(name -> required.add(name.asText()));
      for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
        toVisit.push(property.getValue());
        if (!required.contains(property.getKey())
            && property.getValue() instanceof ObjectNode field) {
          allowNull(field);
        }
      }
    }
  }

  private static void allowNull(ObjectNode field) {
    JsonNode type = field.path("type");
    if (type.isTextual()) {
      field.putArray("type").add(type.asText()).add("null");
    }
    if (field.get("enum") instanceof ArrayNode values
        && StreamSupport.stream(values.spliterator(), false).noneMatch(JsonNode::isNull)) {
      values.addNull();
    }
  }
}
