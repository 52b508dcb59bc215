package org.rlarena.gateway.proxy;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.rlarena.gateway.ClientAddresses;
import org.rlarena.gateway.RequestIds;

/**
 * Which headers pass. Hop-by-hop ones (RFC 9110 section 7.6.1) end here, and so does everything by
 * which a client could speak in the gateway's name.
 */
class Headers {

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

  /** Errors are decorated here, so services must not compress what is not known to be none. */
  private static final Set<String> OURS =
      Set.of(
          "host",
          "expect",
          "accept-encoding",
          "forwarded",
          "x-real-ip",
          "x-request-id",
          "traceparent",
          "via");

  private Headers() {}

  /** Headers for the service, made of the client's. */
  static void forService(RoutingContext context, ClientAddresses addresses, MultiMap target) {
    HttpServerRequest client = context.request();
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
                      || lower.startsWith("x-forwarded-")
                      || lower.startsWith("x-arena-");
              if (!dropped) {
                target.add(name, value);
              }
            });
    RequestIds.set(context, target);
    target.set("X-Forwarded-For", addresses.of(client));
    target.set("X-Forwarded-Proto", addresses.schemeOf(client));
  }

  /** Lets the service know which encodings the client takes. */
  static void passEncodings(HttpServerRequest client, MultiMap target) {
    String encodings = client.getHeader("Accept-Encoding");
    if (encodings != null) {
      target.set("Accept-Encoding", encodings);
    }
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
          if (lower.equals("vary") && !named.contains(lower) && !value.isBlank()) {
            target.set(name, target.contains(name) ? target.get(name) + ", " + value : value);
          } else if (!dropped) {
            target.add(name, value);
          }
        });
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
