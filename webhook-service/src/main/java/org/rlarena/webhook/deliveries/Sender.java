package org.rlarena.webhook.deliveries;

import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.tracing.TracingPolicy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.InetAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.rlarena.webhook.WebhookConfig;
import org.rlarena.webhook.hooks.Secrets;

/**
 * Makes one attempt. The name in the URL is looked up once, the addresses are judged, and the
 * connection goes to the very address that was judged, while the certificate must be that of the
 * name: a name that changes its mind in between (DNS rebinding) reaches nothing else. Redirects are
 * not followed, connections not kept, answers read for a few KB only.
 */
@ApplicationScoped
class Sender {

  private final HttpClient client;
  private final Addresses addresses;
  private final Secrets secrets;
  private final Clock clock;
  private final Duration timeout;

  Sender(Vertx vertx, Addresses addresses, Secrets secrets, Clock clock, WebhookConfig config) {
    this.addresses = addresses;
    this.secrets = secrets;
    this.clock = clock;
    this.timeout = config.timeout();
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setKeepAlive(false)
                .setConnectTimeout((int) timeout.toMillis())
                .setSslHandshakeTimeout(timeout.toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                .setMaxInitialLineLength(4096)
                .setMaxHeaderSize(16_384)
                // a trace is nothing for strangers
                .setTracingPolicy(TracingPolicy.IGNORE)
                .setVerifyHost(true),
            new PoolOptions().setHttp1MaxSize(config.concurrency()));
  }

  void stop(@Observes ShutdownEvent event) {
    client.close();
  }

  /**
   * What it came to, within twice the time for an attempt.
   *
   * @throws InterruptedException when the process stops
   */
  Outcome send(Attempt attempt) throws InterruptedException {
    URI url = attempt.hook().url();
    InetAddress address;
    try {
      address = addresses.of(url.getHost(), timeout);
    } catch (AddressRefused e) {
      return Outcome.failed(e.getMessage());
    }
    Exchange exchange = new Exchange();
    client
        .request(options(url, address, attempt))
        .onSuccess(request -> exchange.begin(request, Buffer.buffer(attempt.body())))
        .onFailure(exchange::fail);
    try {
      return exchange.outcome().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return exchange.giveUp();
    } catch (ExecutionException e) {
      return Outcome.failed(Exchange.reason(e.getCause()));
    } catch (InterruptedException e) {
      exchange.giveUp();
      throw e;
    }
  }

  private RequestOptions options(URI url, InetAddress address, Attempt attempt) {
    boolean tls = url.getScheme().equalsIgnoreCase("https");
    int port = url.getPort() > 0 ? url.getPort() : tls ? 443 : 80;
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String id = attempt.deliveryId().toString();
    long timestamp = clock.instant().getEpochSecond();
    return new RequestOptions()
        .setMethod(HttpMethod.POST)
        // where the connection goes; host and port are for the Host header and the certificate
        .setServer(SocketAddress.inetSocketAddress(port, address.getHostAddress()))
        .setHost(url.getHost())
        .setPort(port)
        .setSsl(tls)
        .setURI(url.getRawQuery() == null ? path : path + "?" + url.getRawQuery())
        .setFollowRedirects(false)
        .putHeader("content-type", "application/json")
        .putHeader("user-agent", "RL-Arena-Webhooks/1")
        .putHeader("webhook-id", id)
        .putHeader("webhook-timestamp", String.valueOf(timestamp))
        .putHeader(
            "webhook-signature", secrets.signatures(attempt.hook(), id, timestamp, attempt.body()));
  }
}
