package org.rlarena.telemetry;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.context.Context;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The trace that work belongs to, as W3C Trace Context writes it ({@code traceparent}). Requests
 * and events bring theirs; what is done later, by another thread or process, keeps it with its row
 * and goes on with it in a {@link Work}.
 */
public final class Trace {

  private static final Pattern TRACEPARENT =
      Pattern.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})");

  private Trace() {}

  /** That of the work which this thread does, if it belongs to one. */
  public static Optional<String> current() {
    SpanContext span = Span.current().getSpanContext();
    return span.isValid()
        ? Optional.of(
            "00-%s-%s-%s"
                .formatted(span.getTraceId(), span.getSpanId(), span.getTraceFlags().asHex()))
        : Optional.empty();
  }

  /** The context to go on in; one without a trace if it is malformed or empty. */
  public static Context of(Optional<String> traceparent) {
    Matcher parts = TRACEPARENT.matcher(traceparent.orElse(""));
    if (!parts.matches()) {
      return Context.root();
    }
    return Context.root()
        .with(
            Span.wrap(
                SpanContext.createFromRemoteParent(
                    parts.group(1),
                    parts.group(2),
                    TraceFlags.fromHex(parts.group(3), 0),
                    TraceState.getDefault())));
  }
}
