package org.rlarena.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.TestInfra;

/** Events in and out with tracing on, and with spans kept here in place of a collector. */
@QuarkusTest
@TestProfile(TracedInboxIT.TracingOn.class)
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "traced_outbox"))
class TracedInboxIT {

  private static final String CAUSE = "00f067aa0ba902b7";

  @Inject InMemorySpanExporter spans;
  @Inject Inbox inbox;
  @Inject Outbox outbox;

  /** Exported at once. */
  public static class TracingOn implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "quarkus.otel.sdk.disabled", "false", "quarkus.otel.bsp.schedule.delay", "10ms");
    }
  }

  /** Takes the place of the exporter to a collector. */
  static class Collector {

    @Produces
    @Singleton
    InMemorySpanExporter spans() {
      return InMemorySpanExporter.create();
    }
  }

  private List<SpanData> spansOf(String trace) {
    return spans.getFinishedSpanItems().stream()
        .filter(span -> span.getTraceId().equals(trace))
        .toList();
  }

  @Test
  void shouldHandleAnEventInOneSpanOfItsTrace() {
    // Given
    String trace = UUID.randomUUID().toString().replace("-", "");
    String key = UUID.randomUUID().toString();

    try (Events events = Events.connect()) {
      // When
      String eventId =
          events.publishTraced(
              "00-" + trace + "-" + CAUSE + "-01",
              "agent.changed",
              key,
              NoteListener.AGENT_CHANGED,
              "{\"agentId\":\"%s\",\"name\":\"n\"}".formatted(key));

      // Then
      await().until(() -> !spansOf(trace).isEmpty());
      assertThat(spansOf(trace))
          .singleElement()
          .satisfies(
              span -> {
                assertThat(span.getName()).isEqualTo("process " + NoteListener.AGENT_CHANGED);
                assertThat(span.getKind()).isEqualTo(SpanKind.CONSUMER);
                assertThat(span.getParentSpanId()).isEqualTo(CAUSE);
                assertThat(span.getAttributes().get(AttributeKey.stringKey("eventId")))
                    .isEqualTo(eventId);
              });
    }
  }

  @Test
  void shouldTellTheNextReaderOfTheSpanThatWroteTheEvent() {
    // Given
    String trace = UUID.randomUUID().toString().replace("-", "");
    String id = UUID.randomUUID().toString();

    try (Events events = Events.connect()) {
      // When
      inbox.receive(
          "trace",
          TestEvents.changed(id, "00-" + trace + "-" + CAUSE + "-01"),
          event -> outbox.add(TestEvents.created(id, "caused")));

      // Then
      String sent =
          events.await(TestEvents.TOPIC, e -> id.equals(e.key())).headers().get("traceparent");
      await().until(() -> !spansOf(trace).isEmpty());
      assertThat(sent)
          .isEqualTo("00-" + trace + "-" + spansOf(trace).getFirst().getSpanId() + "-01");
    }
  }
}
