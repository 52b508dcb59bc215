package org.rlarena.telemetry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import org.jboss.logmanager.ExtFormatter;
import org.jboss.logmanager.ExtLogRecord;

/**
 * Writes each record as one line that is one JSON object: {@code timestamp}, {@code level}, {@code
 * service}, {@code logger}, {@code message}, {@code thread}, {@code exception} with its whole trace
 * as one text, and beside them the ids of the log context: {@code traceId}, {@code spanId}, {@code
 * requestId}, {@code submissionId}, {@code matchId}, {@code eventId}. Whatever a text holds, it
 * cannot end the line or the object. Safe for use by several threads.
 */
final class JsonLines extends ExtFormatter {

  /** Outside ASCII all is escaped: a terminal or a shipper in another encoding changes nothing. */
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  /** What tracing keeps for itself, and the names above: an id must not appear as one of them. */
  private static final Set<String> RESERVED =
      Set.of(
          "timestamp",
          "level",
          "service",
          "logger",
          "message",
          "thread",
          "exception",
          "sampled",
          "parentId");

  private final String service;

  JsonLines(String service) {
    this.service = service;
  }

  @Override
  public String format(ExtLogRecord record) {
    var line = new StringWriter(256);
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("timestamp", record.getInstant().toString());
      json.writeStringField("level", record.getLevel().getName());
      json.writeStringField("service", service);
      json.writeStringField("logger", record.getLoggerName());
      json.writeStringField("message", formatMessage(record));
      json.writeStringField("thread", record.getThreadName());
      for (Map.Entry<String, String> id : record.getMdcCopy().entrySet()) {
        if (!RESERVED.contains(id.getKey())) {
          json.writeStringField(id.getKey(), id.getValue());
        }
      }
      if (record.getThrown() != null) {
        json.writeStringField("exception", trace(record.getThrown()));
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a StringWriter has none
    }
    return line.append('\n').toString();
  }

  private static String trace(Throwable thrown) {
    var text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
