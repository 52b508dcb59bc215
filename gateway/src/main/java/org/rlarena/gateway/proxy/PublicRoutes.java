package org.rlarena.gateway.proxy;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Set;
import org.rlarena.gateway.Problem;
import org.rlarena.gateway.Replies;
import org.rlarena.gateway.routing.RouteTable;

/** Takes every request that the gateway does not answer itself, and looks it up in the table. */
@ApplicationScoped
class PublicRoutes {

  private static final int AFTER_OWN_ROUTES = 100_000;
  private static final Set<HttpMethod> READING = Set.of(HttpMethod.GET, HttpMethod.HEAD);

  private final RouteTable table;
  private final Proxy proxy;
  private final AllowHeader allow;
  private final Replies replies;

  PublicRoutes(RouteTable table, Proxy proxy, AllowHeader allow, Replies replies) {
    this.table = table;
    this.proxy = proxy;
    this.allow = allow;
    this.replies = replies;
  }

  void register(@Observes Router router) {
    router.route().order(AFTER_OWN_ROUTES).handler(this::handle);
  }

  private void handle(RoutingContext context) {
    HttpServerRequest request = context.request();
    switch (table.decide(request.method(), request.path(), request.query())) {
      case RouteTable.Forward forward -> proxy.forward(context, forward);
      case RouteTable.Refuse refuse -> refuse(context, refuse);
    }
  }

  /** A path that other methods have is not a 404 but a 405 that names them. */
  private void refuse(RoutingContext context, RouteTable.Refuse refuse) {
    HttpServerRequest request = context.request();
    if (READING.contains(request.method()) || refuse.status() == 400) {
      replies.send(context, Problem.of(refuse.status(), refuse.detail(), request.path()));
      return;
    }
    allow
        .methods(context)
        .onSuccess(
            methods -> {
              boolean other = !methods.isEmpty() && !methods.contains(request.method().name());
              if (refuse.status() == 405 || other) {
                AllowHeader.put(context, methods);
                replies.send(context, Problem.of(405, request.path()));
              } else {
                replies.send(context, Problem.of(refuse.status(), refuse.detail(), request.path()));
              }
            });
  }
}
