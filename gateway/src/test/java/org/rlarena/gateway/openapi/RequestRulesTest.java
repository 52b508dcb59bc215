package org.rlarena.gateway.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class RequestRulesTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static JsonNode ruled(String document, String known) throws Exception {
    ObjectNode described = (ObjectNode) JSON.readTree(document);
    new RequestRules(described, JSON.readTree(known)).apply();
    return described;
  }

  private static JsonNode parameters(String path, String parameters) throws Exception {
    String document =
        "{\"paths\": {\"%s\": {\"get\": {\"parameters\": [%s]}}}}".formatted(path, parameters);
    return ruled(
            document, "{\"parameters\": {\"page\": {\"type\": \"integer\", \"format\": null}}}")
        .path("paths")
        .path(path)
        .at("/get/parameters");
  }

  @Test
  void shouldDescribeParametersOfOneNameAlike() throws Exception {
    JsonNode page =
        parameters(
            "/api/v1/agents",
            """
            {"name": "page", "in": "query", "description": "which", "schema": {"type": "string", "format": "date", "default": "1"}}
            """);

    assertThat(page.at("/0/schema/type").asText()).isEqualTo("integer");
    assertThat(page.at("/0/schema/default").asText()).isEqualTo("1");
    assertThat(page.at("/0/schema").has("format")).isFalse();
    assertThat(page.at("/0/description").asText()).isEqualTo("which");
  }

  @Test
  void shouldSayThatAnEmptyParameterIsNone() throws Exception {
    String page = "{\"name\": \"page\", \"in\": \"query\", \"schema\": {\"type\": \"%s\"}%s}";

    assertThat(parameters("/x", page.formatted("string", "")).at("/0/allowEmptyValue").asBoolean())
        .isTrue();
    assertThat(
            parameters("/x", page.formatted("string", ", \"required\": true"))
                .at("/0")
                .has("allowEmptyValue"))
        .isFalse();
    assertThat(
            parameters("/x", page.formatted("string", ", \"allowEmptyValue\": false"))
                .at("/0/allowEmptyValue")
                .asBoolean(true))
        .isFalse();
  }

  @Test
  void shouldSayWhichIdsInPathsAreUuids() throws Exception {
    String id = "{\"name\": \"%s\", \"in\": \"path\", \"schema\": {\"type\": \"string\"}}";

    assertThat(parameters("/agents/{id}", id.formatted("id")).at("/0/schema/format").asText())
        .isEqualTo("uuid");
    assertThat(parameters("/x/{agentId}", id.formatted("agentId")).at("/0/schema/format").asText())
        .isEqualTo("uuid");
    assertThat(parameters("/environments/{id}", id.formatted("id")).at("/0/schema").has("format"))
        .isFalse();
    assertThat(
            parameters("/x/{environmentId}", id.formatted("environmentId"))
                .at("/0/schema")
                .has("format"))
        .isFalse();
  }

  @Test
  void shouldAddLimitsAndTakeNullForWhatMayBeLeftOut() throws Exception {
    JsonNode document =
        ruled(
            """
            {"paths": {
               "/agents": {"post": {"requestBody": {"content": {"application/json": {
                 "schema": {"$ref": "#/components/schemas/New"}}}}}},
               "/files": {"post": {"requestBody": {"content": {"multipart/form-data": {
                 "schema": {"properties": {"id": {"type": "string"}}}}}}}}},
             "components": {"schemas": {
               "New": {"properties": {"name": {"type": "string"}, "mode": {"type": "string", "enum": ["a"]},
                 "part": {"$ref": "#/components/schemas/Part"}}},
               "Part": {"properties": {"size": {"type": "integer"}}},
               "Answer": {"properties": {"name": {"type": "string"}}}}}}
            """,
            """
            {"schemas": {"New": {"required": ["name"], "properties": {"name": {"maxLength": 5}}},
                         "None": {"required": ["x"]}},
             "bodies": {"POST /files": {"required": ["id"]}}}
            """);

    JsonNode schemas = document.at("/components/schemas");
    assertThat(schemas.at("/New/properties/name").toString())
        .isEqualTo("{\"type\":\"string\",\"maxLength\":5}");
    assertThat(schemas.at("/New/properties/mode").toString())
        .isEqualTo("{\"type\":[\"string\",\"null\"],\"enum\":[\"a\",null]}");
    assertThat(schemas.at("/Part/properties/size/type").toString())
        .isEqualTo("[\"integer\",\"null\"]");
    assertThat(schemas.at("/Answer/properties/name/type").asText()).isEqualTo("string");
    assertThat(
            document
                .at(
                    "/paths/~1files/post/requestBody/content/multipart~1form-data/schema/required/0")
                .asText())
        .isEqualTo("id");
  }
}
