package org.rlarena.gateway;

import static io.vertx.core.http.HttpHeaders.createOptimized;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Set;

/**
 * What holds for every path: ids, security headers, CORS, answers to {@code OPTIONS}. A page of
 * another origin gets no CORS headers, so its browser keeps the answer from it; the request itself
 * is served like any other.
 */
@ApplicationScoped
class Edge {

  private static final int BEFORE_ALL_ROUTES = -100_000;
  private static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
  private static final String HEADERS =
      "Authorization, Content-Type, Content-Length, Accept, Accept-Encoding, Origin,"
          + " Cache-Control, Idempotency-Key, If-None-Match, If-Range, Range, X-CSRF-Token, X-Requested-With,"
          + " X-Request-Id, traceparent";
  private static final String EXPOSED =
      "X-Request-Id, Retry-After, Idempotent-Replayed, Content-Disposition, ETag, Content-Range, Accept-Ranges,"
          + " RateLimit-Limit, RateLimit-Remaining,"
          + " RateLimit-Reset, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset";

  // Texts that every answer carries, checked and hashed once.
  private static final CharSequence REQUEST_ID = createOptimized(RequestIds.REQUEST_ID);
  private static final CharSequence CONTENT_TYPE_OPTIONS =
      createOptimized("X-Content-Type-Options");
  private static final CharSequence NO_SNIFF = createOptimized("nosniff");
  private static final CharSequence FRAME_OPTIONS = createOptimized("X-Frame-Options");
  private static final CharSequence SAME_ORIGIN = createOptimized("SAMEORIGIN");
  private static final CharSequence REFERRER_POLICY = createOptimized("Referrer-Policy");
  private static final CharSequence NO_REFERRER = createOptimized("no-referrer");
  private static final CharSequence VARY = createOptimized("Vary");
  private static final CharSequence ORIGIN = createOptimized("Origin");
  private static final CharSequence SECURITY_POLICY = createOptimized("Content-Security-Policy");
  private static final CharSequence NOTHING =
      createOptimized("default-src 'none'; frame-ancestors 'none'; sandbox");

  private final ClientAddresses addresses;
  private final Set<String> origins;

  Edge(ClientAddresses addresses, GatewayConfig config) {
    this.addresses = addresses;
    this.origins = Set.copyOf(config.corsOrigins());
  }

  void register(@Observes Router router) {
    router.route().order(BEFORE_ALL_ROUTES).handler(this::handle);
  }

  private void handle(RoutingContext context) {
    HttpServerResponse response = context.response();
    String requestId = RequestIds.begin(context);
    response
        .putHeader(REQUEST_ID, requestId)
        .putHeader(CONTENT_TYPE_OPTIONS, NO_SNIFF)
        .putHeader(FRAME_OPTIONS, SAME_ORIGIN)
        .putHeader(REFERRER_POLICY, NO_REFERRER)
        .putHeader(VARY, ORIGIN);
    if (context.request().path().startsWith("/api/")) {
      // data, whatever a browser may take it for
      response.putHeader(SECURITY_POLICY, NOTHING);
    }
    if (addresses.schemeOf(context.request()).equals("https")) {
      response.putHeader("Strict-Transport-Security", "max-age=31536000");
    }
    String origin = context.request().getHeader("Origin");
    boolean welcome = origin != null && origins.contains(origin);
    if (welcome) {
      response
          .putHeader("Access-Control-Allow-Origin", origin)
          .putHeader("Access-Control-Allow-Credentials", "true")
          .putHeader("Access-Control-Expose-Headers", EXPOSED);
    }
    if (context.request().method() != HttpMethod.OPTIONS) {
      context.next();
      return;
    }
    if (welcome) {
      response
          .putHeader("Access-Control-Allow-Methods", METHODS)
          .putHeader("Access-Control-Allow-Headers", HEADERS)
          .putHeader("Access-Control-Max-Age", "600");
    }
    response.setStatusCode(204).end();
  }
}
