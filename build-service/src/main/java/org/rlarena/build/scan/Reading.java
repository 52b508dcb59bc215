package org.rlarena.build.scan;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads what scanners print. The packages that they look at are hostile and may have a hand in
 * their report: fields that are not needed are ignored whatever they hold, those that are needed
 * must be there and are cut, and a document that is not one is never taken for "nothing found".
 */
final class Reading {

  /** Largest report that is read, in characters. */
  static final int MAX_REPORT = 8 << 20;

  private static final int MAX_DOCUMENTS = 4;
  private static final int MAX_TEXT = 200;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private Reading() {}

  /** The JSON objects of a text, one after the other. */
  static List<JsonNode> documents(String text) {
    if (text.length() >= MAX_REPORT) {
      throw new ScanFailed("The scanner's report is too large.");
    }
    List<JsonNode> documents = new ArrayList<>();
    try (MappingIterator<JsonNode> values = JSON.readerFor(JsonNode.class).readValues(text)) {
      while (values.hasNextValue()) {
        JsonNode document = values.nextValue();
        if (!document.isObject() || documents.size() == MAX_DOCUMENTS) {
          throw malformed();
        }
        documents.add(document);
      }
    } catch (IOException e) {
      throw new ScanFailed("The scanner's report cannot be read.", e);
    }
    if (documents.isEmpty()) {
      throw new ScanFailed("The scanner reported nothing.");
    }
    return documents;
  }

  static ScanFailed malformed() {
    return new ScanFailed("The scanner's report is not one.");
  }

  /** A text that must be there. */
  static String needed(JsonNode text) {
    return optional(text).orElseThrow(Reading::malformed);
  }

  /** A text on one line, cut; empty if it is missing, blank or something else. */
  static Optional<String> optional(JsonNode text) {
    return Optional.of(text)
        .filter(JsonNode::isTextual)
        .map(node -> node.asText().replaceAll("[\\p{Cntrl}\\p{Cs}]+", " ").strip())
        .filter(clean -> !clean.isEmpty())
        .map(clean -> clean.substring(0, clean.offsetByCodePoints(0, codePoints(clean))));
  }

  static Optional<Instant> time(JsonNode text) {
    try {
      // a time of year 1 is how Go writes none
      return optional(text)
          .map(written -> OffsetDateTime.parse(written).toInstant())
          .filter(time -> time.isAfter(Instant.EPOCH));
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  /** An array whose absence, or null, means none. */
  static JsonNode elements(JsonNode array) {
    if (!array.isArray() && !array.isMissingNode() && !array.isNull()) {
      throw malformed();
    }
    return array;
  }

  private static int codePoints(String text) {
    return Math.min(text.codePointCount(0, text.length()), MAX_TEXT);
  }
}
