package org.rlarena.gateway.proxy;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rlarena.gateway.FakeServices;

/** The gateway with tracing on, and with spans kept here in place of a collector. */
@QuarkusTest
@TestProfile(TracedProxyTest.TracingOn.class)
@WithTestResource(FakeServices.class)
class TracedProxyTest {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String AGENTS = "/api/v1/agents";

  @Inject InMemorySpanExporter spans;

  /** Nothing is traced unless the operator says so; here it is, and exported at once. */
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

  @BeforeEach
  void forget() {
    spans.reset();
  }

  private SpanData only() {
    await().until(() -> !spans.getFinishedSpanItems().isEmpty());
    List<SpanData> all = spans.getFinishedSpanItems();
    assertThat(all).hasSize(1);
    return all.getFirst();
  }

  @Test
  void shouldGoOnWithTheTraceOfItsClient() {
    // When
    String told =
        given()
            .header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-01")
            .get(AGENTS)
            .jsonPath()
            .getString("headers.traceparent");

    // Then
    SpanData span = only();
    assertThat(span.getKind()).isEqualTo(SpanKind.SERVER);
    assertThat(span.getTraceId()).isEqualTo(TRACE);
    assertThat(span.getParentSpanId()).isEqualTo("00f067aa0ba902b7");
    assertThat(told).isEqualTo("00-" + TRACE + "-" + span.getSpanId() + "-01");
  }

  @Test
  void shouldNotLetAClientSayWhatIsRecorded() {
    // When
    given().header("traceparent", "00-" + TRACE + "-00f067aa0ba902b7-00").get(AGENTS);

    // Then
    assertThat(only().getTraceId()).isEqualTo(TRACE);
  }

  @Test
  void shouldBeginATraceWhereThereIsNoSoundOne() {
    // When
    String told =
        given()
            .header("traceparent", "00-" + "0".repeat(32) + "-00f067aa0ba902b7-01")
            .get(AGENTS)
            .jsonPath()
            .getString("headers.traceparent");

    // Then
    SpanData span = only();
    assertThat(span.getParentSpanContext().isValid()).isFalse();
    assertThat(told).isEqualTo("00-" + span.getTraceId() + "-" + span.getSpanId() + "-01");
  }

  @Test
  void shouldRecordNeitherWhoAskedNorWithWhatCredentials() {
    // When
    given()
        .header("Authorization", "Bearer secret-1")
        .header("User-Agent", "secret-2")
        .header("Cookie", "session=secret-3")
        .get(AGENTS + "?token=secret-4&ticket=secret-5");

    // Then
    SpanData span = only();
    assertThat(span.toString()).contains(AGENTS).doesNotContain("secret-");
    assertThat(span.getAttributes().asMap())
        .containsEntry(AttributeKey.stringKey("client.address"), "withheld")
        .containsEntry(AttributeKey.stringKey("user_agent.original"), "withheld");
  }
}
