package org.rlarena.match.replays;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * Copies a replay, shaped as the web page reads it: each frame has an {@code info}, whose {@code
 * scores} is called {@code score} and whose positions are arrays of numbers; {@code metadata} has
 * the result and names no path of an executor. Frames pass one by one, so a long game needs no
 * memory.
 */
final class ReplayNormaliser {

  private static final List<String> POSITIONS = List.of("ball_pos", "paddle_positions");

  private final ObjectMapper json;

  ReplayNormaliser(ObjectMapper json) {
    this.json = json;
  }

  /**
   * Copies a replay; the streams stay open.
   *
   * @param summary what {@code metadata} is to have where it does not say otherwise
   * @throws com.fasterxml.jackson.core.JsonProcessingException when it is not JSON
   */
  void copy(InputStream from, ObjectNode summary, OutputStream to) throws IOException {
    try (JsonParser in = json.createParser(from);
        JsonGenerator out = json.createGenerator(to)) {
      in.disable(JsonParser.Feature.AUTO_CLOSE_SOURCE);
      out.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      // Replays may hold half a surrogate pair, which can be written as an escape alone.
      out.setHighestNonEscapedChar(127);
      if (in.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("A replay must be a JSON object");
      }
      out.writeStartObject();
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String name = in.currentName();
        in.nextToken();
        out.writeFieldName(name);
        if (name.equals("frames") && in.currentToken() == JsonToken.START_ARRAY) {
          copyFrames(in, out);
        } else if (name.equals("metadata") && in.currentToken() == JsonToken.START_OBJECT) {
          json.writeTree(out, metadata(json.readTree(in), summary));
        } else {
          out.copyCurrentStructure(in);
        }
      }
      out.writeEndObject();
    }
  }

  private void copyFrames(JsonParser in, JsonGenerator out) throws IOException {
    out.writeStartArray();
    while (in.nextToken() != JsonToken.END_ARRAY) {
      JsonNode frame = json.readTree(in);
      if (frame instanceof ObjectNode object) {
        normaliseInfo(object);
      }
      json.writeTree(out, frame);
    }
    out.writeEndArray();
  }

  private static void normaliseInfo(ObjectNode frame) {
    if (!(frame.get("info") instanceof ObjectNode info)) {
      frame.putObject("info");
      return;
    }
    for (String position : POSITIONS) {
      if (info.has(position)) {
        info.set(position, numbers(info.get(position)));
      }
    }
    if (info.has("scores")) {
      info.set("score", numbers(info.remove("scores")));
    }
  }

  /** A text such as {@code "0.5 1"} or {@code "[0.5, 1]"} as an array; anything else as it is. */
  private static JsonNode numbers(JsonNode value) {
    if (!value.isTextual()) {
      return value;
    }
    ArrayNode numbers = JsonNodeFactory.instance.arrayNode();
    for (String word : value.textValue().replaceAll("[\\[\\](),]", " ").strip().split("\\s+")) {
      try {
        if (word.matches("-?\\d{1,9}")) {
          numbers.add(Integer.parseInt(word));
        } else {
          double number = Double.parseDouble(word);
          if (!Double.isFinite(number)) {
            return value;
          }
          numbers.add(number);
        }
      } catch (NumberFormatException e) {
        return value;
      }
    }
    return numbers;
  }

  private static JsonNode metadata(JsonNode metadata, ObjectNode summary) {
    ObjectNode known = (ObjectNode) metadata;
    for (JsonNode agent : known.path("agents")) {
      if (agent instanceof ObjectNode object) {
        object.remove("code_url");
      }
    }
    ObjectNode full = summary.deepCopy();
    full.setAll(known);
    return full;
  }
}
