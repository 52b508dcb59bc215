package org.rlarena.build.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** submission-service's sources and auth-service's service tokens, as build-service calls them. */
@Startup
@ApplicationScoped
public class FakeSubmissionService {

  private static final String TOKEN = "token-of-build-service";

  private final Map<UUID, byte[]> sources = new ConcurrentHashMap<>();
  private final AtomicInteger failures = new AtomicInteger();
  private final AtomicInteger calls = new AtomicInteger();
  private final URI address;
  private HttpServer server;

  FakeSubmissionService(@ConfigProperty(name = "arena.build.submission-service-url") URI address) {
    this.address = address;
  }

  /** Stores an upload under its submission. */
  public void put(UUID submissionId, byte[] source) {
    sources.put(submissionId, source);
  }

  /** Answers the next calls with 503. */
  public void failNext(int count) {
    failures.set(count);
  }

  /** How often a source was asked for, failures included. */
  public int calls() {
    return calls.get();
  }

  @PostConstruct
  public void start() {
    try {
      server = HttpServer.create(new InetSocketAddress("127.0.0.1", address.getPort()), 0);
    } catch (IOException e) {
      throw new IllegalStateException("port " + address.getPort(), e);
    }
    server.createContext("/internal/token", this::token);
    server.createContext("/internal/submissions/", this::source);
    server.start();
  }

  /** Goes away; {@link #start()} brings it back. */
  @PreDestroy
  public void stop() {
    server.stop(0);
  }

  private void token(HttpExchange exchange) throws IOException {
    String form = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    boolean right =
        form.contains("audience=submission-service") && form.contains("scope=source%3Aread");
    String answer = "{\"access_token\":\"%s\",\"expires_in\":300}".formatted(TOKEN);
    answer(exchange, right ? 200 : 400, answer.getBytes(StandardCharsets.UTF_8));
  }

  private void source(HttpExchange exchange) throws IOException {
    calls.incrementAndGet();
    if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      answer(exchange, 503, new byte[0]);
      return;
    }
    if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      answer(exchange, 401, new byte[0]);
      return;
    }
    UUID id = UUID.fromString(exchange.getRequestURI().getPath().split("/")[3]);
    byte[] source = sources.get(id);
    answer(exchange, source == null ? 404 : 200, source == null ? new byte[0] : source);
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    try (exchange) {
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      if (body.length > 0) {
        exchange.getResponseBody().write(body);
      }
    }
  }
}
