package org.rlarena.gateway.openapi;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * {@code GET /asyncapi}: the page about the topics. The document it is made of and the schemas are
 * static files beside it.
 */
@ApplicationScoped
class EventsRoute {

  private static final String PAGE = "/META-INF/resources/asyncapi.html";

  private final Buffer page = read();

  void register(@Observes Router router) {
    router.route(HttpMethod.GET, "/asyncapi").handler(this::handle);
    router.route(HttpMethod.HEAD, "/asyncapi").handler(this::handle);
  }

  private void handle(RoutingContext context) {
    context
        .response()
        .putHeader("Content-Type", "text/html;charset=UTF-8")
        // the page needs nothing but its own style
        .putHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    if (context.request().method() == HttpMethod.HEAD) {
      context.response().putHeader("Content-Length", String.valueOf(page.length())).end();
    } else {
      context.response().end(page);
    }
  }

  private static Buffer read() {
    try (InputStream file = EventsRoute.class.getResourceAsStream(PAGE)) {
      return Buffer.buffer(file.readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
