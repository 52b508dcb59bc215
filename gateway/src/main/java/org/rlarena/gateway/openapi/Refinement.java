package org.rlarena.gateway.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Says in a merged description what is true of every answer that passes the gateway and no service
 * says of itself: errors are problems, whatever a service calls them; there are limits and outages;
 * the security scheme has one name. Adds examples, and success statuses that a service's own
 * description gets wrong, from a list by operation; {@link RequestRules} say more of requests.
 * Drops components nobody refers to.
 */
class Refinement {

  private static final Set<String> METHODS =
      Set.of("get", "head", "post", "put", "patch", "delete", "options");
  static final Set<String> METHODS_IN_CAPITALS =
      Set.copyOf(METHODS.stream().map(method -> method.toUpperCase(Locale.ROOT)).toList());

  private static final String PROBLEM = "#/components/responses/Problem";

  private final ObjectNode document;
  private final JsonNode operations;
  private final RequestRules requests;

  /**
   * @param document is changed
   * @param operations by method and path: {@code status}, {@code request} and {@code response} as
   *     examples, {@code media} types of answers without a schema; and {@code nullable} fields, as
   *     schema and property
   * @param requests what {@link RequestRules} are made of
   */
  Refinement(ObjectNode document, JsonNode operations, JsonNode requests) {
    this.document = document;
    this.operations = operations;
    this.requests = new RequestRules(document, requests);
  }

  ObjectNode refine() {
    Set<String> tags = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> entry : path.getValue().properties()) {
        if (METHODS.contains(entry.getKey()) && entry.getValue() instanceof ObjectNode operation) {
          tags.add(refine(path.getKey(), entry.getKey(), operation));
        }
      }
    }
    ArrayNode names = document.putArray("tags");
    tags.forEach(tag -> names.addObject().put("name", tag));
    document.withObject("/components/securitySchemes").retain("bearer");
    operations.path("nullable").forEach(field -> allowNull(field.asText()));
    requests.apply();
    dropUnused();
    return document;
  }

  /** Returns the operation's tag. */
  private String refine(String path, String method, ObjectNode operation) {
    String tag = tag(path);
    operation.putArray("tags").add(tag);
    operation.put("operationId", id(method, path));
    boolean secured = !operation.path("security").isEmpty();
    if (secured) {
      operation.putArray("security").addObject().putArray("bearer");
    }
    ObjectNode responses = operation.withObject("/responses");
    addKnown(operations.path(method.toUpperCase(Locale.ROOT) + " " + path), operation, responses);
    boolean changes = !method.equals("get") && !method.equals("head");
    addProblems(path, operation, secured, changes, responses);
    return tag;
  }

  private void addKnown(JsonNode known, ObjectNode operation, ObjectNode responses) {
    String documented =
        responses
            .propertyStream()
            .map(Map.Entry::getKey)
            .filter(status -> status.startsWith("2") || status.equals("101"))
            .findFirst()
            .orElse("200");
    String status = known.path("status").asText(documented);
    ObjectNode success = (ObjectNode) responses.remove(documented);
    if (success == null) {
      success = responses.objectNode().put("description", "OK");
    }
    responses.set(status, success);
    if (status.equals("204")) {
      success.remove("content");
    }
    if (known.has("media")) {
      ObjectNode content = success.putObject("content");
      known.path("media").forEach(type -> content.putObject(type.asText()));
    }
    if (known.has("response")) {
      ObjectNode json = success.withObject("/content").withObject("/application~1json");
      json.set("example", known.get("response"));
    }
    if (known.has("request")) {
      ObjectNode json =
          operation.withObject("/requestBody").withObject("/content/application~1json");
      json.set("example", known.get("request"));
    }
  }

  private static void addProblems(
      String path, ObjectNode operation, boolean secured, boolean changes, ObjectNode responses) {
    List<String> problems = new ArrayList<>(List.of("429", "503"));
    boolean hasBody = operation.has("requestBody");
    // who logs in presents credentials too
    if (secured || path.startsWith("/api/v1/auth/")) {
      problems.addAll(List.of("401", "403"));
    }
    if (hasBody || !operation.path("parameters").isEmpty()) {
      problems.add("400");
    }
    if (path.contains("{")) {
      problems.add("404");
    }
    if (changes) {
      problems.add("409");
    }
    if (hasBody) {
      problems.addAll(List.of("413", "415"));
    }
    responses
        .propertyStream()
        .map(Map.Entry::getKey)
        .filter(status -> status.startsWith("4") || status.startsWith("5"))
        .forEach(problems::add);
    for (String status : problems) {
      // the gateway's own 503 of /health is none
      if (!responses.path(status).path("content").has("application/json")
          || !path.equals("/health")) {
        responses.putObject(status).put("$ref", PROBLEM);
      }
    }
    responses.putObject("default").put("$ref", PROBLEM);
  }

  private void allowNull(String field) {
    int dot = field.indexOf('.');
    JsonNode property =
        document
            .path("components")
            .path("schemas")
            .path(field.substring(0, dot))
            .path("properties")
            .path(field.substring(dot + 1));
    if (!(property instanceof ObjectNode schema)) {
      return;
    }
    if (schema.path("type").isTextual()) {
      String type = schema.get("type").asText();
      schema.putArray("type").add(type).add("null");
    } else if (schema.has("$ref")) {
      JsonNode named = schema.remove("$ref");
      ArrayNode either = schema.putArray("anyOf");
      either.addObject().set("$ref", named);
      either.addObject().put("type", "null");
    }
  }

  private static String tag(String path) {
    String[] segments = path.substring(1).split("/");
    String word = path.startsWith("/api/v1/") ? segments[2] : segments[0];
    return switch (word) {
      case "ws", "events" -> "live";
      case "storage" -> "matches";
      case "health", ".well-known" -> "system";
      default -> word;
    };
  }

  private static String id(String method, String path) {
    StringBuilder id = new StringBuilder(method);
    for (String word : path.replaceFirst("^/api/v1", "").split("[^A-Za-z0-9]+")) {
      if (!word.isEmpty()) {
        id.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
      }
    }
    return id.toString();
  }

  private void dropUnused() {
    Set<String> used = new HashSet<>();
    Deque<JsonNode> toVisit = new ArrayDeque<>(List.of(document.path("paths")));
    while (!toVisit.isEmpty()) {
      JsonNode node = toVisit.pop();
      JsonNode reference = node.path("$ref");
      if (reference.isTextual() && used.add(reference.asText())) {
        toVisit.push(document.at(reference.asText().substring(1)));
      }
      node.forEach(toVisit::push);
    }
    ObjectNode components = document.withObject("/components");
    for (String kind : List.of("schemas", "responses", "parameters")) {
      if (components.get(kind) instanceof ObjectNode named) {
        named.retain(
            named
                .propertyStream()
                .map(Map.Entry::getKey)
                .filter(name -> used.contains("#/components/" + kind + "/" + name))
                .toList());
      }
    }
  }
}
