package org.rlarena.access;

import jakarta.ws.rs.container.ContainerRequestContext;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.MDC;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Puts the caller's W3C trace context, which the gateway gives every request, into the log context,
 * from which the outbox takes it along: an event can be traced to the request that caused it. Where
 * tracing is installed it fills the same names itself, with spans of its own.
 */
class TraceFilter {

  private static final Pattern TRACEPARENT =
      Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");

  @ServerRequestFilter(preMatching = true)
  void takeOver(ContainerRequestContext request) {
    String header = request.getHeaderString("traceparent");
    if (header == null || MDC.get("traceId") != null) {
      return;
    }
    Matcher context = TRACEPARENT.matcher(header);
    if (context.matches()) {
      MDC.put("traceId", context.group(1));
      MDC.put("spanId", context.group(2));
      MDC.put("sampled", String.valueOf((Integer.parseInt(context.group(3), 16) & 1) == 1));
    }
  }
}
