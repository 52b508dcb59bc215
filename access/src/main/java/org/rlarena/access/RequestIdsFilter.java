package org.rlarena.access;

import io.opentelemetry.api.trace.Span;
import jakarta.ws.rs.container.ContainerRequestContext;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.rlarena.telemetry.Trace;

/**
 * Makes a request known in log lines and, through the outbox, in events, by the ids that the
 * gateway gave it: {@code X-Request-Id} and its trace. Where tracing is on, the trace is there
 * already, with a span of this service.
 */
class RequestIdsFilter {

  private static final Pattern SOUND_REQUEST_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  @ServerRequestFilter(preMatching = true)
  void takeOver(ContainerRequestContext request) {
    String requestId = request.getHeaderString("X-Request-Id");
    if (requestId != null && SOUND_REQUEST_ID.matcher(requestId).matches()) {
      MDC.put("requestId", requestId);
    }
    if (!Span.current().getSpanContext().isValid()) {
      // left open: it is kept with the request and goes with it
      Trace.of(Optional.ofNullable(request.getHeaderString("traceparent"))).makeCurrent();
    }
  }
}
