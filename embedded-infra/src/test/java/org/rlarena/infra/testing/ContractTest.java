package org.rlarena.infra.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContractTest {

  @Test
  void shouldFindAnExampleByTypeAlone() {
    assertThat(Contract.exampleNode("submission.created.v1").isObject()).isTrue();
    assertThatThrownBy(() -> Contract.example("submission.lost.v1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("submission.lost.v1");
  }

  @Test
  void shouldAcceptEveryPublishedExample() {
    assertThat(ContractFiles.shortTypes()).hasSizeGreaterThan(10);
    for (String type : ContractFiles.shortTypes()) {
      Contract.assertMatches("org.rlarena." + type, Contract.example(type));
    }
  }

  @Test
  void shouldRefuseAFieldThatNoSchemaNames() {
    ObjectNode event = Contract.exampleNode("submission.created.v1").put("surprise", 1);

    assertThatThrownBy(() -> Contract.assertMatches("submission.created.v1", event.toString()))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("surprise");
  }

  @Test
  void shouldRefuseAMissingField() {
    ObjectNode event = Contract.exampleNode("submission.created.v1");
    event.remove("submissionId");

    assertThatThrownBy(() -> Contract.assertMatches("submission.created.v1", event.toString()))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("submissionId");
  }

  @Test
  void shouldRefuseARecordWithoutType() {
    var event =
        new ReceivedEvent(
            null, null, "k", null, Contract.exampleNode("submission.created.v1"), Map.of());

    assertThatThrownBy(() -> Contract.assertMatches(event)).hasMessageContaining("ce_type");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"properties\":{\"a\":{}},\"additionalProperties\":true}",
        "{\"properties\":{\"a\":{}}}",
        "{\"allOf\":[{\"properties\":{\"a\":{}}}]}"
      })
  void shouldCloseOpenSchemas(String schema) throws Exception {
    var node = (ObjectNode) new ObjectMapper().readTree(schema);

    StrictSchema.close(node);

    assertThat(node.path("unevaluatedProperties").isBoolean()).isTrue();
    assertThat(node.path("unevaluatedProperties").asBoolean()).isFalse();
    assertThat(node.has("additionalProperties")).isFalse();
  }

  @Test
  void shouldLeaveMapsOpen() throws Exception {
    String schema = "{\"properties\":{},\"additionalProperties\":{\"type\":\"string\"}}";
    var node = new ObjectMapper().readTree(schema);

    StrictSchema.close(node);

    assertThat(node).isEqualTo(new ObjectMapper().readTree(schema));
  }
}
