package org.rlarena.gateway;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.jboss.logging.MDC;
import org.rlarena.telemetry.Trace;

/**
 * By what a request is known in answers, logs and, over the services, in events: {@code
 * X-Request-Id} and the W3C {@code traceparent}. A client's own are kept if they are sound; where
 * tracing is on, services are told the span that goes on with the client's trace.
 */
public final class RequestIds {

  public static final String REQUEST_ID = "X-Request-Id";
  public static final String TRACEPARENT = "traceparent";

  private static final Pattern SOUND_REQUEST_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern SOUND_TRACEPARENT =
      Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  private RequestIds() {}

  /** Gives a request its id. */
  static String begin(RoutingContext context) {
    String requestId = requestId(context.request());
    context.put(REQUEST_ID, requestId);
    MDC.put("requestId", requestId);
    return requestId;
  }

  /** The headers by which a service knows the request; the same for all that are asked. */
  public static Map<String, String> of(RoutingContext context) {
    String traceparent = context.get(TRACEPARENT);
    if (traceparent == null) {
      // made when a service is asked, not for answers that are kept here
      traceparent = traceparent(context.request());
      context.put(TRACEPARENT, traceparent);
    }
    return Map.of(REQUEST_ID, context.<String>get(REQUEST_ID), TRACEPARENT, traceparent);
  }

  /** Sets the headers by which a service knows the request. */
  public static void set(RoutingContext context, MultiMap headers) {
    of(context).forEach(headers::set);
  }

  private static String requestId(HttpServerRequest client) {
    String given = client.getHeader(REQUEST_ID);
    return given != null && SOUND_REQUEST_ID.matcher(given).matches() ? given : randomId();
  }

  /** A UUID of version 4 that need not be unguessable: it opens nothing. */
  private static String randomId() {
    var random = ThreadLocalRandom.current();
    return new UUID(
            random.nextLong() & ~0xF000L | 0x4000L, random.nextLong() >>> 2 | 0x8000000000000000L)
        .toString();
  }

  private static String traceparent(HttpServerRequest client) {
    Optional<String> recorded = Trace.current();
    if (recorded.isPresent()) {
      return recorded.get();
    }
    String given = client.getHeader(TRACEPARENT);
    if (given != null && SOUND_TRACEPARENT.matcher(given).matches()) {
      return given;
    }
    var random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    // The last digit is set so that neither id can be all zeros, which means none.
    return "00-%s%s-%s-01"
        .formatted(
            hex.toHexDigits(random.nextLong()),
            hex.toHexDigits(random.nextLong() | 1),
            hex.toHexDigits(random.nextLong() | 1));
  }
}
