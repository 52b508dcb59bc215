package org.rlarena.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkTest {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String CAUSE = "00-" + TRACE + "-00f067aa0ba902b7-01";

  private final InMemorySpanExporter spans = InMemorySpanExporter.create();
  private final OpenTelemetrySdk sdk =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(spans))
                  .addSpanProcessor(new Discretion())
                  .build())
          .build();

  private SpanData only() {
    assertThat(spans.getFinishedSpanItems()).hasSize(1);
    return spans.getFinishedSpanItems().getFirst();
  }

  @Test
  void shouldBeASpanOfTheTraceOfItsCause() {
    // Given
    var inside = new AtomicReference<Optional<String>>();
    var ids = new HashMap<String, Object>();

    // When
    new Work(sdk, false)
        .run(
            "play match",
            SpanKind.CONSUMER,
            Optional.of(CAUSE),
            Map.of("matchId", "m1"),
            () -> {
              inside.set(Trace.current());
              ids.putAll(MDC.getMap());
            });

    // Then
    SpanData span = only();
    assertThat(span.getName()).isEqualTo("play match");
    assertThat(span.getTraceId()).isEqualTo(TRACE);
    assertThat(span.getParentSpanId()).isEqualTo("00f067aa0ba902b7");
    assertThat(span.getAttributes().get(AttributeKey.stringKey("matchId"))).isEqualTo("m1");
    assertThat(inside.get()).contains("00-" + TRACE + "-" + span.getSpanId() + "-01");
    assertThat(ids).containsEntry("matchId", "m1");
    assertThat(Trace.current()).isEmpty();
    assertThat(MDC.get("matchId")).isNull();
  }

  @Test
  void shouldTellThatItFailedButNotWithWhatWords() {
    // When
    assertThatThrownBy(
            () ->
                new Work(sdk, false)
                    .run(
                        "build",
                        SpanKind.CONSUMER,
                        Optional.empty(),
                        Map.of("submissionId", "s1"),
                        () -> {
                          throw new IllegalStateException("ada@example.org");
                        }))
        .isInstanceOf(IllegalStateException.class);

    // Then
    assertThat(only().getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(only().toString()).doesNotContain("ada@example.org");
    assertThat(MDC.get("submissionId")).isNull();
  }

  @Test
  void shouldPassTheTraceOnUnchangedWhileTracingIsOff() {
    // Given
    var inside = new AtomicReference<Optional<String>>();

    // When
    new Work(sdk, true)
        .run(
            "build",
            SpanKind.CONSUMER,
            Optional.of(CAUSE),
            Map.of(),
            () -> inside.set(Trace.current()));

    // Then
    assertThat(inside.get()).contains(CAUSE);
    assertThat(spans.getFinishedSpanItems()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "00-1-2-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\n"
      })
  void shouldIgnoreACauseThatIsNone(String traceparent) {
    var inside = new AtomicReference<Optional<String>>();
    new Work(sdk, true)
        .run(
            "build",
            SpanKind.CONSUMER,
            Optional.of(traceparent),
            Map.of(),
            () -> inside.set(Trace.current()));
    assertThat(inside.get()).isEmpty();
  }

  @Test
  void shouldWithholdWhoCalledAndQueryStrings() {
    // Given
    var span =
        sdk.getTracer("http")
            .spanBuilder("GET")
            .setAttribute("url.path", "/api/v1/live")
            .setAttribute("url.query", "token=secret-1")
            .setAttribute("url.full", "http://x/y?signature=secret-2")
            .setAttribute("client.address", "192.0.2.7")
            .setAttribute("user_agent.original", "Mozilla/5.0")
            .startSpan();

    // When
    span.setAttribute("network.peer.address", "192.0.2.8"); // comes with the answer
    span.end();

    // Then
    assertThat(only().getAttributes().asMap().values())
        .containsExactlyInAnyOrder(
            "/api/v1/live", "withheld", "http://x/y", "withheld", "withheld", "withheld");
  }
}
