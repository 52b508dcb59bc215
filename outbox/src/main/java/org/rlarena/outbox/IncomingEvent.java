package org.rlarena.outbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/**
 * A CloudEvent (1.0, binary mode) as a listener sees it.
 *
 * @param id unique per event; a repeat has the same one
 * @param type such as {@code org.rlarena.agent.changed.v1}
 * @param subject id of the aggregate; the record's key where the event names none
 * @param key the record's key, null without one
 * @param time when it happened, UTC
 * @param source the writer, such as {@code /agent-service}
 * @param traceparent W3C Trace Context of the writer, if any
 * @param payload JSON
 * @param mapper the application's
 */
public record IncomingEvent(
    String id,
    String type,
    String subject,
    String key,
    Instant time,
    String source,
    Optional<String> traceparent,
    byte[] payload,
    ObjectMapper mapper) {

  /** What the subject of an event is, by how its type begins. */
  private static final Map<String, String> SUBJECTS =
      Map.of(
          "agent.", "agentId",
          "build.", "submissionId",
          "match.", "matchId",
          "rating.", "matchId",
          "submission.activated", "agentId",
          "submission.deactivated", "agentId",
          "submission.created", "submissionId",
          "submission.rebuild-requested", "submissionId",
          "submission.build-", "submissionId");

  /**
   * Reads the attributes from the record's headers.
   *
   * @throws UndecodableEvent naming the attribute that is missing or malformed
   */
  static IncomingEvent of(ConsumerRecord<String, byte[]> record, ObjectMapper mapper) {
    String version = required(record, "ce_specversion");
    if (!version.startsWith("1.")) {
      throw new UndecodableEvent("ce_specversion is not 1.x");
    }
    return new IncomingEvent(
        required(record, "ce_id"),
        required(record, "ce_type"),
        header(record, "ce_subject").orElse(record.key()),
        record.key(),
        time(record),
        required(record, "ce_source"),
        header(record, "traceparent"),
        record.value() == null ? new byte[0] : record.value(),
        mapper);
  }

  /**
   * The payload as the listener's own record. Unknown fields are ignored.
   *
   * @throws UndecodableEvent when it is no JSON of that shape, or the record refuses a value
   */
  public <T> T as(Class<T> type) {
    ObjectReader reader =
        mapper.readerFor(type).without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    T value;
    try {
      value = reader.readValue(payload);
    } catch (JsonProcessingException e) {
      // Jackson's full message quotes the payload, which does not belong in a log
      throw new UndecodableEvent(
          this.type + " " + id + " cannot be read: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new UndecodableEvent(this.type + " " + id + " cannot be read", e);
    }
    if (value == null) {
      throw new UndecodableEvent(this.type + " " + id + " is null");
    }
    return value;
  }

  /** By what log lines and spans know it: its own id, and that of what it is about. */
  Map<String, String> ids() {
    String about =
        SUBJECTS.entrySet().stream()
            .filter(prefix -> type.startsWith("org.rlarena." + prefix.getKey()))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElse(null);
    return about == null || subject == null
        ? Map.of("eventId", id)
        : Map.of("eventId", id, about, subject);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IncomingEvent event
        && id.equals(event.id)
        && type.equals(event.type)
        && source.equals(event.source)
        && Arrays.equals(payload, event.payload);
  }

  @Override
  public int hashCode() {
    return Objects.hash(source, id);
  }

  /** Without the payload, which is confidential. */
  @Override
  public String toString() {
    return type + " " + id + " from " + source + " on " + subject;
  }

  private static Instant time(ConsumerRecord<?, ?> record) {
    Optional<String> text = header(record, "ce_time");
    if (text.isEmpty()) {
      // optional in CloudEvents; the broker knows when it was sent
      return Instant.ofEpochMilli(record.timestamp());
    }
    try {
      return OffsetDateTime.parse(text.get()).toInstant();
    } catch (DateTimeParseException e) {
      throw new UndecodableEvent("ce_time is no RFC 3339 time", e);
    }
  }

  private static String required(ConsumerRecord<?, ?> record, String name) {
    return header(record, name)
        .orElseThrow(() -> new UndecodableEvent("Header " + name + " is missing"));
  }

  private static Optional<String> header(ConsumerRecord<?, ?> record, String name) {
    Header header = record.headers().lastHeader(name);
    if (header == null || header.value() == null || header.value().length == 0) {
      return Optional.empty();
    }
    return Optional.of(new String(header.value(), StandardCharsets.UTF_8));
  }
}
