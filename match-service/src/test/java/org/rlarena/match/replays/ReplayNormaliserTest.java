package org.rlarena.match.replays;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplayNormaliserTest {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void shouldShapeReplayOfReferenceExecutorForTheWebPage() throws IOException {
    // Given
    String replay =
        """
        {"metadata":{"match_id":"m","agents":[{"agent_id":"a","code_url":"/srv/secret/a.py",
          "metadata":{"name":"Left Hook"}}],"total_steps":1,"winner":null},
         "frames":[{"frame_number":0,"observations":{"a":[0.5,1]},
           "info":{"scores":[1,0],"ball_pos":"0.5 0.25","paddle_positions":[0.4,0.6],"rally":3}},
          {"frame_number":1}],"version":"1.0"}
        """;
    ObjectNode summary = JSON.createObjectNode().put("duration", 0.9);
    summary.putArray("finalScore").add(7).add(-7);
    // When
    JsonNode shaped = copy(replay, summary);
    // Then
    assertThat(shaped)
        .isEqualTo(
            JSON.readTree(
                """
                {"metadata":{"match_id":"m","agents":[{"agent_id":"a",
                  "metadata":{"name":"Left Hook"}}],"total_steps":1,"winner":null,
                  "duration":0.9,"finalScore":[7,-7]},
                 "frames":[{"frame_number":0,"observations":{"a":[0.5,1]},
                   "info":{"score":[1,0],"ball_pos":[0.5,0.25],"paddle_positions":[0.4,0.6],
                     "rally":3}},
                  {"frame_number":1,"info":{}}],"version":"1.0"}
                """));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"0.5 0.25\"      | [0.5,0.25]",
        "\"[0.5, 0.25]\"   | [0.5,0.25]",
        "\"[0.5 0.25]\"    | [0.5,0.25]",
        "\"3 10\"          | [3,10]",
        "\"-1 2e-3\"       | [-1,0.002]",
        "[1,2]             | [1,2]",
        "\"left right\"    | \"left right\"",
        "\"NaN 1\"         | \"NaN 1\"",
        "\"\"              | \"\"",
        "null              | null",
        "{\"x\":1}         | {\"x\":1}"
      })
  void shouldReadNumbersFromText(String given, String expected) throws IOException {
    JsonNode shaped = copy("{\"frames\":[{\"info\":{\"ball_pos\":%s}}]}".formatted(given), empty());
    assertThat(shaped.at("/frames/0/info/ball_pos")).isEqualTo(JSON.readTree(expected));
  }

  @Test
  void shouldKeepWhatMetadataSaysItself() throws IOException {
    ObjectNode summary = JSON.createObjectNode().put("duration", 1);
    JsonNode shaped = copy("{\"metadata\":{\"duration\":2}}", summary);
    assertThat(shaped.at("/metadata/duration").asInt()).isEqualTo(2);
  }

  @Test
  void shouldLetStrangeShapesPass() throws IOException {
    String strange = "{\"frames\":[null,1,{\"info\":7}],\"metadata\":[],\"x\":{\"frames\":[1]}}";
    assertThat(copy(strange, empty()))
        .isEqualTo(
            JSON.readTree(
                "{\"frames\":[null,1,{\"info\":{}}],\"metadata\":[],\"x\":{\"frames\":[1]}}"));
  }

  @Test
  void shouldCopyHalfASurrogatePair() throws IOException {
    JsonNode shaped = copy("{\"frames\":[{\"info\":{\"said\":\"\\ud83d \u00fc\"}}]}", empty());
    assertThat(shaped.at("/frames/0/info/said").textValue()).isEqualTo("\ud83d \u00fc");
  }

  @Test
  void shouldRefuseWhatIsNoObject() {
    assertThatThrownBy(() -> copy("[1]", empty())).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> copy("{\"frames\":[", empty())).isInstanceOf(IOException.class);
  }

  @Test
  void shouldCopyLongGame() throws IOException {
    StringBuilder replay = new StringBuilder("{\"frames\":[");
    for (int i = 0; i < 20_000; i++) {
      replay.append(i == 0 ? "" : ",").append("{\"info\":{\"scores\":[1,2]}}");
    }
    // When
    JsonNode shaped = copy(replay.append("]}").toString(), empty());
    // Then
    assertThat(shaped.get("frames")).hasSize(20_000);
    assertThat(shaped.at("/frames/19999/info/score/1").asInt()).isEqualTo(2);
  }

  private static ObjectNode empty() {
    return JSON.createObjectNode();
  }

  private static JsonNode copy(String replay, ObjectNode summary) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new ReplayNormaliser(JSON)
        .copy(new ByteArrayInputStream(replay.getBytes(StandardCharsets.UTF_8)), summary, out);
    return JSON.readTree(out.toByteArray());
  }
}
