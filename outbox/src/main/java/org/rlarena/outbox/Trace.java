package org.rlarena.outbox;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.MDC;

/**
 * The trace that work belongs to, in the log context under the names that tracing uses. Requests
 * and events bring theirs; what is done later, by another thread or process, keeps the {@code
 * traceparent} with its row and goes on with it.
 *
 * <p>A trace that is there already, because tracing is installed, is left alone.
 */
public final class Trace implements AutoCloseable {

  private static final String TRACE_ID = "traceId";
  private static final String SPAN_ID = "spanId";
  private static final String SAMPLED = "sampled";
  private static final Pattern TRACEPARENT =
      Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");

  private final boolean mine;

  private Trace(boolean mine) {
    this.mine = mine;
  }

  /** The thread's trace as W3C Trace Context writes it. */
  public static Optional<String> current() {
    Object trace = MDC.get(TRACE_ID);
    Object span = MDC.get(SPAN_ID);
    if (trace == null || span == null) {
      return Optional.empty();
    }
    String flags = "true".equals(String.valueOf(MDC.get(SAMPLED))) ? "01" : "00";
    return Optional.of("00-" + trace + "-" + span + "-" + flags);
  }

  /**
   * Makes it the thread's trace until closed; one that is malformed or empty changes nothing.
   *
   * @param traceparent as {@link #current} gave it, or as it came
   */
  public static Trace continued(Optional<String> traceparent) {
    Matcher context = TRACEPARENT.matcher(traceparent.orElse(""));
    if (MDC.get(TRACE_ID) != null || !context.matches()) {
      return new Trace(false);
    }
    MDC.put(TRACE_ID, context.group(1));
    MDC.put(SPAN_ID, context.group(2));
    MDC.put(SAMPLED, String.valueOf((Integer.parseInt(context.group(3), 16) & 1) == 1));
    return new Trace(true);
  }

  @Override
  public void close() {
    if (mine) {
      MDC.remove(TRACE_ID);
      MDC.remove(SPAN_ID);
      MDC.remove(SAMPLED);
    }
  }
}
