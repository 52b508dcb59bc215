package org.rlarena.gateway;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.tracing.TracingPolicy;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Connections to the services, for use on event loops. Each loop has its own, a share of those
 * allowed: who gives an answer up knows then whether it has ended. When it has, Vert.x would close
 * the connection all the same, with another request on it by then. Nor is anything handed over
 * between loops.
 */
@ApplicationScoped
public class Upstreams {

  /** On many cores an equal share would be too few for the requests that one loop has at once. */
  private static final int LEAST_SHARE = 16;

  private final ThreadLocal<HttpClient> clients;
  private final Map<Service, URI> addresses = new EnumMap<>(Service.class);

  Upstreams(
      Vertx vertx,
      GatewayConfig config,
      @ConfigProperty(name = "quarkus.vertx.event-loops-pool-size") OptionalInt eventLoops) {
    addresses.put(Service.AUTH, config.services().authService());
    addresses.put(Service.AGENT, config.services().agentService());
    addresses.put(Service.SUBMISSION, config.services().submissionService());
    addresses.put(Service.BUILD, config.services().buildService());
    addresses.put(Service.MATCHMAKING, config.services().matchmakingService());
    addresses.put(Service.MATCH, config.services().matchService());
    addresses.put(Service.RATING, config.services().ratingService());
    addresses.put(Service.WEBHOOK, config.services().webhookService());
    addresses.forEach(Upstreams::check);
    int loops = eventLoops.orElse(VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE);
    int most = config.maxConnectionsPerService();
    int share = Math.min(most, Math.max(LEAST_SHARE, Math.ceilDiv(most, loops)));
    HttpClientOptions options =
        new HttpClientOptions()
            .setConnectTimeout((int) config.connectTimeout().toMillis())
            .setKeepAliveTimeout(20)
            // RequestIds names the trace to services, whether it is recorded or not
            .setTracingPolicy(TracingPolicy.IGNORE)
            .setMaxWaitQueueSize(most);
    PoolOptions pool = new PoolOptions().setHttp1MaxSize(share);
    List<HttpClient> made =
        Stream.generate(() -> vertx.createHttpClient(options, pool)).limit(loops).toList();
    AtomicInteger taken = new AtomicInteger();
    clients = ThreadLocal.withInitial(() -> made.get(taken.getAndIncrement() % loops));
  }

  /** Opens a request to a service; fails when the service cannot be reached. */
  public Future<HttpClientRequest> request(Service service, HttpMethod method, String uri) {
    URI address = addresses.get(service);
    return clients
        .get()
        .request(
            new RequestOptions()
                .setMethod(method)
                .setHost(address.getHost())
                .setPort(address.getPort() < 0 ? 80 : address.getPort())
                .setURI(uri));
  }

  /**
   * Asks a service for something small; fails when it does not answer in full within the time.
   *
   * @param headers headers to send
   */
  public Future<Answer> fetch(
      Service service, String uri, Map<String, String> headers, Duration timeout) {
    return request(service, HttpMethod.GET, uri)
        .compose(
            request -> {
              headers.forEach(request::putHeader);
              Future<Answer> answer =
                  request
                      .send()
                      .compose(
                          response ->
                              response
                                  .body()
                                  .map(
                                      body ->
                                          new Answer(
                                              response.statusCode(), response.headers(), body)));
              return answer
                  .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                  .onFailure(failure -> request.reset());
            })
        .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What a service said. */
  public record Answer(int status, MultiMap headers, Buffer body) {}

  private static void check(Service service, URI address) {
    boolean plain =
        "http".equals(address.getScheme())
            && address.getHost() != null
            && (address.getPath().isEmpty() || address.getPath().equals("/"));
    if (!plain) {
      throw new IllegalArgumentException(
          "arena.gateway.services.%s must look like http://host:port but is %s"
              .formatted(service.label(), address));
    }
  }
}
