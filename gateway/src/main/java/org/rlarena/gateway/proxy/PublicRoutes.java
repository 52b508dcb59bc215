package org.rlarena.gateway.proxy;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.rlarena.gateway.Problem;
import org.rlarena.gateway.Replies;
import org.rlarena.gateway.routing.RouteTable;

/** Takes every request that the gateway does not answer itself, and looks it up in the table. */
@ApplicationScoped
class PublicRoutes {

  private static final int AFTER_OWN_ROUTES = 100_000;

  private final RouteTable table;
  private final Proxy proxy;
  private final Replies replies;

  PublicRoutes(RouteTable table, Proxy proxy, Replies replies) {
    this.table = table;
    this.proxy = proxy;
    this.replies = replies;
  }

  void register(@Observes Router router) {
    router.route().order(AFTER_OWN_ROUTES).handler(this::handle);
  }

  private void handle(RoutingContext context) {
    HttpServerRequest request = context.request();
    switch (table.decide(request.method(), request.path(), request.query())) {
      case RouteTable.Forward forward -> proxy.forward(context, forward);
      case RouteTable.Refuse refuse ->
          replies.send(context, Problem.of(refuse.status(), refuse.detail(), request.path()));
    }
  }
}
