package org.rlarena.gateway.openapi;

import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.rlarena.gateway.Replies;

/** {@code GET /openapi.json}: the {@link Description} of the public API. */
@ApplicationScoped
class OpenApiRoute {

  private final Description description;
  private final Replies replies;

  OpenApiRoute(Description description, Replies replies) {
    this.description = description;
    this.replies = replies;
  }

  void register(@Observes Router router) {
    router.route(HttpMethod.GET, "/openapi.json").handler(this::handle);
    router.route(HttpMethod.HEAD, "/openapi.json").handler(this::handle);
  }

  private void handle(RoutingContext context) {
    description
        .current()
        .onSuccess(document -> replies.send(context, 200, document))
        .onFailure(context::fail);
  }
}
