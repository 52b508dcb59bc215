package org.rlarena.gateway.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.rlarena.gateway.Service;

/**
 * An OpenAPI document that grows by those of services. Only public paths are taken. Component names
 * that two services use for different things get the service's name in front.
 */
class MergedDescription {

  private static final String COMPONENTS = "#/components/";

  private final ObjectNode document;

  /** Starts with the gateway's own part, which is changed. */
  MergedDescription(ObjectNode own) {
    this.document = own;
  }

  ObjectNode document() {
    return document;
  }

  /** Says that a service could not be asked. */
  void missing(Service service) {
    document.withArray("x-missing-parts").add(service.label());
  }

  void add(Service service, JsonNode description, Predicate<String> isPublic) {
    Map<String, String> renamed = addComponents(service, description.path("components"));
    ObjectNode paths = document.withObject("/paths");
    for (Map.Entry<String, JsonNode> path : description.path("paths").properties()) {
      if (!isPublic.test(path.getKey())) {
        continue;
      }
      JsonNode operations = withReferences(path.getValue(), renamed);
      ObjectNode merged =
          paths.has(path.getKey())
              ? (ObjectNode) paths.get(path.getKey())
              : paths.putObject(path.getKey());
      for (Map.Entry<String, JsonNode> operation : operations.properties()) {
        if (!merged.has(operation.getKey())) {
          merged.set(operation.getKey(), operation.getValue());
        }
      }
    }
    ArrayNode tags = document.withArray("tags");
    description.path("tags").forEach(tags::add);
  }

  private Map<String, String> addComponents(Service service, JsonNode components) {
    ObjectNode target = document.withObject("/components");
    Map<String, String> renamed = new HashMap<>();
    for (Map.Entry<String, JsonNode> kind : components.properties()) {
      JsonNode taken = target.path(kind.getKey());
      for (Map.Entry<String, JsonNode> component : kind.getValue().properties()) {
        JsonNode other = taken.get(component.getKey());
        if (other != null && !other.equals(component.getValue())) {
          String ownName =
              service.name().charAt(0) + service.name().substring(1).toLowerCase(Locale.ROOT);
          renamed.put(
              reference(kind.getKey(), component.getKey()),
              reference(kind.getKey(), ownName + component.getKey()));
        }
      }
    }
    for (Map.Entry<String, JsonNode> kind : components.properties()) {
      ObjectNode all =
          target.has(kind.getKey())
              ? (ObjectNode) target.get(kind.getKey())
              : target.putObject(kind.getKey());
      for (Map.Entry<String, JsonNode> component : kind.getValue().properties()) {
        String reference = reference(kind.getKey(), component.getKey());
        String name = renamed.getOrDefault(reference, reference);
        all.set(
            name.substring(name.lastIndexOf('/') + 1),
            withReferences(component.getValue(), renamed));
      }
    }
    return renamed;
  }

  private static String reference(String kind, String name) {
    return COMPONENTS + kind + "/" + name;
  }

  private static JsonNode withReferences(JsonNode node, Map<String, String> renamed) {
    JsonNode copy = node.deepCopy();
    if (!renamed.isEmpty()) {
      rename(copy, renamed);
    }
    return copy;
  }

  private static void rename(JsonNode node, Map<String, String> renamed) {
    if (node instanceof ObjectNode object
        && object.get("$ref") instanceof TextNode reference
        && renamed.containsKey(reference.asText())) {
      object.put("$ref", renamed.get(reference.asText()));
    }
    node.forEach(child -> rename(child, renamed));
  }
}
