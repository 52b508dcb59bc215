package org.rlarena.submission;

import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Answers requests that announce a body above {@code quarkus.http.limits.max-body-size} with a
 * problem. The server's own check would close the connection without a word.
 */
@ApplicationScoped
class OversizedRequests {

  /** Before the server's own check. */
  private static final int PRIORITY = 1000;

  private static final long DRAIN_MILLIS = 2000;

  private final long limit;

  OversizedRequests(
      @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize maxBodySize) {
    this.limit = maxBodySize.asLongValue();
  }

  void install(@Observes Filters filters) {
    filters.register(this::check, PRIORITY);
  }

  private void check(RoutingContext context) {
    if (announced(context.request()) > limit) {
      refuse(context);
    } else {
      context.next();
    }
  }

  private static long announced(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return 0; // for the HTTP decoder to judge
    }
  }

  /** Reads on for a moment, since a reset connection would lose the answer on its way. */
  private void refuse(RoutingContext context) {
    HttpServerRequest request = context.request();
    request.handler(ignored -> {});
    request.resume();
    SubmissionError error = SubmissionError.FILE_TOO_LARGE;
    context
        .response()
        .setStatusCode(error.status())
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/problem+json")
        .putHeader(HttpHeaders.CONNECTION, "close")
        .end(
            new JsonObject()
                .put("title", error.title())
                .put("status", error.status())
                .put(
                    "detail",
                    "The request has more than %d MiB. Upload a smaller file."
                        .formatted(limit >> 20))
                .put("instance", request.path())
                .put("code", error.code())
                .encode());
    context.vertx().setTimer(DRAIN_MILLIS, ignored -> request.connection().close());
  }
}
