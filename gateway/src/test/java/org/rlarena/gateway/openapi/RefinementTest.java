package org.rlarena.gateway.openapi;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

class RefinementTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  private static JsonNode refined(String paths, String schemas, String operations)
      throws Exception {
    String document =
        """
        {"paths": %s,
         "components": {"schemas": %s, "securitySchemes": {"bearer": {}, "SecurityScheme": {}},
           "responses": {"Problem": {"content": {}}, "Other": {}}}}
        """
            .formatted(paths, schemas);
    return new Refinement(
            (ObjectNode) JSON.readTree(document), JSON.readTree(operations), JSON.readTree("{}"))
        .refine();
  }

  @Test
  void shouldCorrectTheStatusOfSuccessAndKeepItsSchema() throws Exception {
    JsonNode operation =
        refined(
                """
                {"/api/v1/agents": {"post": {"requestBody": {"content": {"application/json": {}}},
                  "responses": {"200": {"content": {"application/json": {"schema": {"type": "object"}}}},
                                "400": {"content": {"application/json": {"schema": {}}}}}}}}
                """,
                "{}",
                """
                {"POST /api/v1/agents": {"status": "201", "request": {"name": "x"}, "response": {"id": 1}}}
                """)
            .at("/paths/~1api~1v1~1agents/post");

    JsonNode responses = operation.path("responses");
    assertThat(responses.has("200")).isFalse();
    assertThat(responses.at("/201/content/application~1json/schema/type").asText())
        .isEqualTo("object");
    assertThat(responses.at("/201/content/application~1json/example/id").asInt()).isEqualTo(1);
    assertThat(operation.at("/requestBody/content/application~1json/example/name").asText())
        .isEqualTo("x");
    for (String status : new String[] {"400", "409", "413", "415", "429", "503", "default"}) {
      assertThat(responses.at("/" + status + "/$ref").asText())
          .as(status)
          .isEqualTo("#/components/responses/Problem");
    }
    assertThat(responses.has("401")).isFalse();
  }

  @Test
  void shouldNameTheSecuritySchemeAlike() throws Exception {
    JsonNode document =
        refined(
            """
            {"/api/v1/users/me": {"get": {"security": [{"SecurityScheme": ["user"]}], "responses": {}}}}
            """,
            "{}",
            "{}");

    JsonNode operation = document.at("/paths/~1api~1v1~1users~1me/get");
    assertThat(operation.path("security").toString()).isEqualTo("[{\"bearer\":[]}]");
    assertThat(operation.at("/responses/403/$ref").asText()).endsWith("Problem");
    assertThat(operation.path("operationId").asText()).isEqualTo("getUsersMe");
    assertThat(document.at("/components/securitySchemes").toString()).isEqualTo("{\"bearer\":{}}");
  }

  @Test
  void shouldKeepOnlyComponentsThatAreReferredTo() throws Exception {
    JsonNode document =
        refined(
            """
            {"/api/v1/agents": {"get": {"responses": {"200": {"content": {"application/json":
              {"schema": {"$ref": "#/components/schemas/A"}}}}}}}}
            """,
            """
            {"A": {"properties": {"b": {"$ref": "#/components/schemas/B"}}},
             "B": {"properties": {"a": {"$ref": "#/components/schemas/A"}, "c": {"type": "string"}}},
             "C": {}}
            """,
            "{\"nullable\": [\"B.c\", \"A.b\", \"B.none\", \"None.c\"]}");

    assertThat(document.at("/components/schemas").fieldNames())
        .toIterable()
        .containsExactly("A", "B");
    assertThat(document.at("/components/responses").fieldNames())
        .toIterable()
        .containsExactly("Problem");
    assertThat(document.at("/components/schemas/B/properties/c/type").toString())
        .isEqualTo("[\"string\",\"null\"]");
    assertThat(document.at("/components/schemas/A/properties/b").toString())
        .isEqualTo("{\"anyOf\":[{\"$ref\":\"#/components/schemas/B\"},{\"type\":\"null\"}]}");
  }

  @Test
  void shouldNameWhatEveryChangeAndEveryLogInMayMeet() throws Exception {
    JsonNode paths =
        refined(
                """
                {"/api/v1/auth/login": {"post": {"responses": {}}},
                 "/api/v1/submissions/{id}/activate": {"put": {"responses": {}}},
                 "/api/v1/submissions/{id}": {"get": {"responses": {}}}}
                """,
                "{}",
                "{}")
            .path("paths");

    assertThat(paths.at("/~1api~1v1~1auth~1login/post/responses").has("401")).isTrue();
    assertThat(paths.at("/~1api~1v1~1auth~1login/post/responses").has("403")).isTrue();
    assertThat(paths.at("/~1api~1v1~1submissions~1{id}~1activate/put/responses").has("409"))
        .isTrue();
    assertThat(paths.at("/~1api~1v1~1submissions~1{id}/get/responses").has("409")).isFalse();
  }
}
