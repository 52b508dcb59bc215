package org.rlarena.gateway.cache;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.rlarena.gateway.GatewayConfig;
import org.rlarena.gateway.RequestIds;
import org.rlarena.gateway.Upstreams;
import org.rlarena.gateway.bus.BusEvent;
import org.rlarena.gateway.bus.BusListener;
import org.rlarena.gateway.routing.RouteTable;

/**
 * Leaderboards and lists of agents, which are the same for everybody: answered from what was asked
 * of the service less than a second ago. Dropped earlier when an event, or a request that passed
 * here, says that they have changed. What the service does not answer with 200 is left to the
 * proxy.
 */
@ApplicationScoped
class ListRoute implements BusListener {

  private static final int BEFORE_PUBLIC_ROUTES = 90_000;
  private static final String AGENTS = "/api/v1/agents";
  private static final String BOARDS = "/api/v1/leaderboard";
  private static final Set<String> LISTS = Set.of(AGENTS, BOARDS, BOARDS + "/**");

  private static final CharSequence REVALIDATED = HttpHeaders.createOptimized("no-cache");
  private static final String METER = "arena_gateway_lists";
  private static final int MOST = 1000;
  private static final long MOST_BYTES = 16L << 20;

  private final RouteTable table;
  private final Upstreams upstreams;
  private final ObjectMapper json;
  private final Counter hits;
  private final Counter misses;
  private final Counter failures;
  private final Duration lifetime;
  private final Duration timeout;
  private final KeptAnswers kept;

  ListRoute(
      RouteTable table,
      Upstreams upstreams,
      ObjectMapper json,
      MeterRegistry metrics,
      GatewayConfig config) {
    this.table = table;
    this.upstreams = upstreams;
    this.json = json;
    this.hits = metrics.counter(METER, "result", "hit");
    this.misses = metrics.counter(METER, "result", "miss");
    this.failures = metrics.counter(METER, "result", "failed");
    this.lifetime = config.cache().lists();
    this.timeout = config.accountTimeout();
    this.kept = new KeptAnswers(lifetime, MOST, MOST_BYTES);
  }

  void register(@Observes Router router) {
    if (lifetime.isPositive()) {
      router.route(AGENTS + "*").order(BEFORE_PUBLIC_ROUTES).handler(this::handle);
      router.route(BOARDS + "*").order(BEFORE_PUBLIC_ROUTES).handler(this::handle);
    }
  }

  @Override
  public Map<String, Start> topics() {
    return Map.of("rating.changed", Start.RECENT, "agent.changed", Start.BEGINNING);
  }

  @Override
  public void on(BusEvent event) throws IOException {
    if (event.topic().equals("agent.changed")) {
      kept.drop(key -> true); // boards show names
      return;
    }
    String board =
        BOARDS + "/environment/" + json.readValue(event.data(), Rated.class).environmentId;
    kept.drop(
        key ->
            key.startsWith(AGENTS)
                || !key.startsWith(BOARDS + "/environment/")
                || key.startsWith(board));
  }

  private void handle(RoutingContext context) {
    HttpMethod method = context.request().method();
    if (method != HttpMethod.GET && method != HttpMethod.HEAD) {
      // before the client knows what it has done, and asks again
      context.addHeadersEndHandler(answered -> kept.drop(key -> key.startsWith(AGENTS)));
      context.next();
      return;
    }
    // what is kept under the line as it came has been looked up in the table once
    Optional<KeptAnswers.Answer> known = kept.find(context.request().uri());
    if (known.isPresent()) {
      hits.increment();
      known.get().send(context, REVALIDATED);
      return;
    }
    if (table.decide(method, context.request().path(), context.request().query())
            instanceof RouteTable.Forward forward
        && LISTS.contains(forward.template())) {
      answer(context, forward);
    } else {
      context.next();
    }
  }

  private void answer(RoutingContext context, RouteTable.Forward forward) {
    String key = forward.query() == null ? forward.path() : forward.path() + "?" + forward.query();
    boolean[] asked = {false};
    kept.get(
            key,
            () -> {
              asked[0] = true;
              return ask(context, forward, key);
            })
        .onComplete(
            done -> {
              (done.failed() ? failures : asked[0] ? misses : hits).increment();
              if (done.failed()) {
                context.next();
              } else {
                done.result().send(context, REVALIDATED);
              }
            });
  }

  private Future<KeptAnswers.Answer> ask(
      RoutingContext context, RouteTable.Forward forward, String uri) {
    return upstreams
        .fetch(forward.service(), uri, RequestIds.of(context), timeout)
        .compose(
            answer ->
                answer.status() == 200
                    ? Future.succeededFuture(
                        KeptAnswers.Answer.of(answer.body(), answer.headers().get("Content-Type")))
                    : Future.failedFuture("status " + answer.status()));
  }

  /** What is read of {@code rating.changed.v1}. */
  @RegisterForReflection
  record Rated(String environmentId) {}
}
