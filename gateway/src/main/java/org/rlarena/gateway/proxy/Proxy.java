package org.rlarena.gateway.proxy;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.rlarena.gateway.ClientAddresses;
import org.rlarena.gateway.GatewayConfig;
import org.rlarena.gateway.Problem;
import org.rlarena.gateway.Replies;
import org.rlarena.gateway.Service;
import org.rlarena.gateway.Upstreams;
import org.rlarena.gateway.routing.RouteTable;

/** Passes requests on. Safe for use on every event loop; each request stays on its own. */
@ApplicationScoped
public class Proxy {

  /** Within which 99 of 100 are to be answered: helm/monitoring. */
  private static final Duration PROMISED = Duration.ofMillis(500);

  private static final String UPLOADS = "/api/v1/submissions";

  final Vertx vertx;
  final Upstreams upstreams;
  final Replies replies;
  final Outages outages;
  final AllowHeader allow;
  final ClientAddresses addresses;
  private final long maxUpload;
  private final long maxPlainBody;
  final Duration stallTimeout;
  private final MeterRegistry metrics;
  private final Map<Timed, Timer> timers = new ConcurrentHashMap<>();

  Proxy(
      Vertx vertx,
      Upstreams upstreams,
      Replies replies,
      Outages outages,
      AllowHeader allow,
      ClientAddresses addresses,
      GatewayConfig config,
      MeterRegistry metrics) {
    this.vertx = vertx;
    this.upstreams = upstreams;
    this.replies = replies;
    this.outages = outages;
    this.allow = allow;
    this.addresses = addresses;
    this.maxUpload = config.maxBody().asLongValue();
    this.maxPlainBody = config.maxPlainBody().asLongValue();
    this.stallTimeout = config.stallTimeout();
    this.metrics = metrics;
  }

  /**
   * Lets a service answer. Refuses a body over the limit with 413 and answers 503 when the service
   * does not respond.
   */
  public void forward(RoutingContext context, RouteTable.Forward route) {
    HttpServerRequest client = context.request();
    client.pause();
    time(context, route);
    long most = maxBody(route);
    if (declaredLength(client) > most) {
      refuse(context, tooLarge(context, most));
      return;
    }
    if (!outages.mayTry(route.service())) {
      refuse(context, Problem.unavailable(route.service(), client.path()));
      return;
    }
    String uri = route.query() == null ? route.path() : route.path() + "?" + route.query();
    upstreams
        .request(route.service(), client.method(), uri)
        .onSuccess(upstream -> new Exchange(this, context, route, upstream).start())
        .onFailure(
            failure -> {
              outages.failed(route.service(), failure);
              refuse(context, Problem.unavailable(route.service(), client.path()));
            });
  }

  private void refuse(RoutingContext context, Problem problem) {
    HttpServerRequest client = context.request();
    client.handler(chunk -> {}).resume();
    replies.send(context, problem);
    finishReading(client);
  }

  /**
   * After an answer that came before the request was read: lets the client send the rest for a
   * while, since hanging up at once can destroy the answer on its way, and then hangs up.
   */
  void finishReading(HttpServerRequest client) {
    if (client.isEnded()) {
      return;
    }
    long timer = vertx.setTimer(stallTimeout.toMillis(), over -> client.connection().close());
    // most have ended a moment later, and what waits holds on to the whole request
    client.end().onComplete(ended -> vertx.cancelTimer(timer));
  }

  /** Files are uploaded at one path alone. */
  long maxBody(RouteTable.Forward route) {
    return route.template().equals(UPLOADS) ? maxUpload : maxPlainBody;
  }

  Problem tooLarge(RoutingContext context, long most) {
    return Problem.of(
        413,
        "The body is larger than the "
            + most / 1024 / 1024
            + " MiB allowed here; send a smaller one.",
        context.request().path());
  }

  private static long declaredLength(HttpServerRequest client) {
    String length = client.getHeader("Content-Length");
    return length == null ? 0 : Long.parseLong(length);
  }

  private void time(RoutingContext context, RouteTable.Forward route) {
    long start = System.nanoTime();
    context.addEndHandler(
        ended ->
            timers
                .computeIfAbsent(
                    new Timed(
                        route.service(), route.template(), context.response().getStatusCode()),
                    this::timer)
                .record(System.nanoTime() - start, TimeUnit.NANOSECONDS));
  }

  private Timer timer(Timed timed) {
    return Timer.builder("arena_gateway_requests")
        .description("Requests passed to services")
        .tag("service", timed.service.label())
        .tag("route", timed.template)
        .tag("status", String.valueOf(timed.status))
        .serviceLevelObjectives(PROMISED)
        .register(metrics);
  }

  private record Timed(Service service, String template, int status) {}
}
