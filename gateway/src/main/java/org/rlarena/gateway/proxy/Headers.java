package org.rlarena.gateway.proxy;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which headers pass. Hop-by-hop ones (RFC 9110 section 7.6.1) end here, and so does everything by
 * which a client could speak in the gateway's name.
 */
class Headers {

  static final String REQUEST_ID = "X-Request-Id";
  static final String TRACEPARENT = "traceparent";

  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  /** Answers are decorated here, so services must not compress them. */
  private static final Set<String> OURS =
      Set.of("host", "expect", "accept-encoding", "forwarded", "x-real-ip", "x-request-id", "via");

  private static final Pattern SOUND_REQUEST_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern SOUND_TRACEPARENT =
      Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  private Headers() {}

  /** Headers for the service, made of the client's. */
  static void forService(HttpServerRequest client, String requestId, MultiMap target) {
    Set<String> named = namedByConnection(client.headers());
    client
        .headers()
        .forEach(
            (name, value) -> {
              String lower = lower(name);
              boolean dropped =
                  HOP_BY_HOP.contains(lower)
                      || OURS.contains(lower)
                      || named.contains(lower)
                      || lower.equals(TRACEPARENT)
                      || lower.startsWith("x-forwarded-")
                      || lower.startsWith("x-arena-");
              if (!dropped) {
                target.add(name, value);
              }
            });
    target.set(REQUEST_ID, requestId);
    target.set(TRACEPARENT, traceparent(client));
    target.set("X-Forwarded-For", client.remoteAddress().hostAddress());
    target.set("X-Forwarded-Proto", client.isSSL() ? "https" : "http");
  }

  /** Headers for the client, made of the service's; those that are set already stay. */
  static void forClient(MultiMap service, MultiMap target) {
    Set<String> named = namedByConnection(service);
    Set<String> ours = target.names().stream().map(Headers::lower).collect(Collectors.toSet());
    service.forEach(
        (name, value) -> {
          String lower = lower(name);
          boolean dropped =
              HOP_BY_HOP.contains(lower)
                  || named.contains(lower)
                  || ours.contains(lower)
                  || lower.startsWith("access-control-")
                  || lower.equals("server");
          if (!dropped) {
            target.add(name, value);
          }
        });
  }

  /** The client's own id if it is sound, else a new one. */
  static String requestId(HttpServerRequest client) {
    String given = client.getHeader(REQUEST_ID);
    return given != null && SOUND_REQUEST_ID.matcher(given).matches()
        ? given
        : UUID.randomUUID().toString();
  }

  private static String traceparent(HttpServerRequest client) {
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

  private static Set<String> namedByConnection(MultiMap headers) {
    return headers.getAll("Connection").stream()
        .flatMap(value -> Stream.of(value.split(",")))
        .map(name -> lower(name.strip()))
        .collect(Collectors.toSet());
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
