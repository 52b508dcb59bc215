package org.rlarena.telemetry;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.MDC;

/**
 * Runs work that others cannot see from outside, such as handling an event or playing a match, as a
 * span of the trace of its cause, and with the ids of what it is about in the log context.
 *
 * <p>While tracing is off there is no span, but the trace and the ids are there all the same: log
 * lines and events carry them. Safe for use by several threads.
 */
@ApplicationScoped
public class Work {

  private static final String NAME = "rl-arena";

  private final Tracer tracer;

  Work(
      OpenTelemetry telemetry,
      @ConfigProperty(name = "quarkus.otel.sdk.disabled") boolean tracingIsOff) {
    // one that is switched off would still make ids of spans that nobody records
    this.tracer = tracingIsOff ? TracerProvider.noop().get(NAME) : telemetry.getTracer(NAME);
  }

  /**
   * Runs it in this thread.
   *
   * @param name of the span: of the kind of work, without ids
   * @param kind CONSUMER for work that an event or a row of a queue asked for
   * @param cause {@code traceparent} of what asked for it, as {@link Trace#current} gave it then;
   *     without one the work is a trace of its own
   * @param ids such as {@code matchId}: attributes of the span and fields of the log lines
   */
  public void run(
      String name, SpanKind kind, Optional<String> cause, Map<String, String> ids, Runnable work) {
    var builder = tracer.spanBuilder(name).setSpanKind(kind).setParent(Trace.of(cause));
    ids.forEach(builder::setAttribute);
    Span span = builder.startSpan();
    ids.forEach(MDC::put);
    try (var _ = span.makeCurrent()) {
      work.run();
    } catch (RuntimeException | Error e) {
      // no message: it can quote what a user sent
      span.setStatus(StatusCode.ERROR, e.getClass().getName());
      throw e;
    } finally {
      ids.keySet().forEach(MDC::remove);
      span.end();
    }
  }
}
