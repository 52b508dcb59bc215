package org.rlarena.outbox;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.MDC;

/**
 * The trace of an event in the log context, under the names that tracing uses, for as long as the
 * event is handled. A trace that is there already, because tracing is installed, is left alone.
 */
final class LogTrace {

  private static final String TRACE_ID = "traceId";
  private static final String SPAN_ID = "spanId";
  private static final String SAMPLED = "sampled";
  private static final Pattern TRACEPARENT =
      Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");

  private final boolean mine;

  private LogTrace(boolean mine) {
    this.mine = mine;
  }

  static LogTrace continued(Optional<String> traceparent) {
    Matcher context = TRACEPARENT.matcher(traceparent.orElse(""));
    if (MDC.get(TRACE_ID) != null || !context.matches()) {
      return new LogTrace(false);
    }
    MDC.put(TRACE_ID, context.group(1));
    MDC.put(SPAN_ID, context.group(2));
    MDC.put(SAMPLED, String.valueOf((Integer.parseInt(context.group(3), 16) & 1) == 1));
    return new LogTrace(true);
  }

  void end() {
    if (mine) {
      MDC.remove(TRACE_ID);
      MDC.remove(SPAN_ID);
      MDC.remove(SAMPLED);
    }
  }
}
