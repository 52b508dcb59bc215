package org.rlarena.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IncomingEventTest {

  private final Map<String, String> headers =
      new LinkedHashMap<>(
          Map.of(
              "ce_specversion", "1.0",
              "ce_id", "7",
              "ce_source", "/agent-service",
              "ce_type", "org.rlarena.agent.changed.v1",
              "ce_time", "2030-01-01T01:00:00.5+01:00",
              "ce_subject", "a1"));

  record Named(String name, int size) {
    Named {
      Objects.requireNonNull(name, "name");
      if (size < 0) {
        throw new IllegalArgumentException("size is negative");
      }
    }
  }

  @Test
  void shouldReadAttributesFromHeaders() {
    headers.put("traceparent", "00-1-2-01");

    IncomingEvent event = event("{}");

    assertThat(event.id()).isEqualTo("7");
    assertThat(event.type()).isEqualTo("org.rlarena.agent.changed.v1");
    assertThat(event.subject()).isEqualTo("a1");
    assertThat(event.key()).isEqualTo("key");
    assertThat(event.source()).isEqualTo("/agent-service");
    assertThat(event.time()).isEqualTo(Instant.parse("2030-01-01T00:00:00.5Z"));
    assertThat(event.traceparent()).contains("00-1-2-01");
  }

  @ParameterizedTest
  @CsvSource({
    "org.rlarena.match.finished.v1, matchId",
    "org.rlarena.rating.changed.v1, matchId",
    "org.rlarena.submission.build-failed.v1, submissionId",
    "org.rlarena.submission.activated.v1, agentId"
  })
  void shouldBeKnownByWhatItIsAbout(String type, String name) {
    headers.put("ce_type", type);
    assertThat(event("{}").ids()).isEqualTo(Map.of("eventId", "7", name, "a1"));
  }

  @Test
  void shouldBeKnownByItselfWhereItsKindIsNot() {
    headers.put("ce_type", "org.rlarena.user.changed.v1");
    assertThat(event("{}").ids()).isEqualTo(Map.of("eventId", "7"));
  }

  @Test
  void shouldFallBackToTheRecordWhereAttributesAreOptional() {
    headers.remove("ce_subject");
    headers.remove("ce_time");

    IncomingEvent event = event("{}");

    assertThat(event.subject()).isEqualTo("key");
    assertThat(event.time()).isEqualTo(Instant.ofEpochMilli(-1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ce_specversion", "ce_id", "ce_source", "ce_type"})
  void shouldNameTheMissingAttribute(String name) {
    headers.remove(name);

    assertThatThrownBy(() -> event("{}"))
        .isInstanceOf(UndecodableEvent.class)
        .hasMessageContaining(name);
  }

  @Test
  void shouldRefuseOtherVersionsAndMalformedTimes() {
    headers.put("ce_time", "yesterday");
    assertThatThrownBy(() -> event("{}")).hasMessageContaining("ce_time");

    headers.put("ce_specversion", "2.0");
    assertThatThrownBy(() -> event("{}")).hasMessageContaining("ce_specversion");
  }

  @Test
  void shouldDecodeAndIgnoreUnknownFields() {
    assertThat(event("{\"name\":\"x\",\"size\":3,\"new\":[]}").as(Named.class))
        .isEqualTo(new Named("x", 3));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "{\"size\":1}",
        "{\"name\":\"x\",\"size\":-1}",
        "{\"name\":{}}"
      })
  void shouldRefuseWhatTheRecordRefuses(String json) {
    IncomingEvent event = event(json);

    assertThatThrownBy(() -> event.as(Named.class))
        .isInstanceOf(UndecodableEvent.class)
        .hasMessageContaining("org.rlarena.agent.changed.v1 7");
  }

  @Test
  void shouldNotShowThePayload() {
    assertThat(event("{\"secret\":1}").toString()).doesNotContain("secret").contains("7", "a1");
    assertThatThrownBy(() -> event("{\"name\":\"hidden\" oops").as(Named.class))
        .message()
        .doesNotContain("hidden");
  }

  private IncomingEvent event(String json) {
    var record = new ConsumerRecord<>("topic", 0, 0L, "key", json.getBytes(StandardCharsets.UTF_8));
    headers.forEach(
        (name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
    return IncomingEvent.of(record, new ObjectMapper());
  }
}
