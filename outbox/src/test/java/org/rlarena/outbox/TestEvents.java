package org.rlarena.outbox;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Events of a stand-in service. */
final class TestEvents {

  static final String TOPIC = "submission.created";
  static final String TYPE = "org.rlarena.submission.created.v1";

  private TestEvents() {}

  static Event created(String key, String text) {
    return new Event(TOPIC, key, TYPE, key, Map.of("text", text));
  }

  /** One that came in as part of a trace, with its key for an id. */
  static ConsumerRecord<String, byte[]> changed(String id, String traceparent) {
    var record =
        new ConsumerRecord<>("agent.changed", 0, 0L, id, "{}".getBytes(StandardCharsets.UTF_8));
    Map.of(
            "ce_specversion",
            "1.0",
            "ce_id",
            id,
            "ce_source",
            "/test",
            "ce_type",
            NoteListener.AGENT_CHANGED,
            "ce_time",
            "2026-11-23T10:15:05Z",
            "ce_subject",
            id,
            "traceparent",
            traceparent)
        .forEach((name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
    return record;
  }
}
