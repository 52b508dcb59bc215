package org.rlarena.submission;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands in for auth-service (service tokens) and agent-service (one agent) over real HTTP. Tests
 * steer it with requests of their own, since they run in another class loader: {@code PUT
 * /test/agents/<id>} with the answer, {@code PUT /test/mood} with {@code well}, {@code failing} or
 * {@code silent}.
 */
public class Neighbours implements QuarkusTestResourceLifecycleManager {

  private static final String AGENTS = "/internal/agents/";

  private final Map<String, String> agents = new ConcurrentHashMap<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private volatile String mood = "well";
  private final AtomicInteger asked = new AtomicInteger();
  private HttpServer server;

  @Override
  public Map<String, String> start() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", this::handle);
    server.start();
    String url = "http://localhost:" + server.getAddress().getPort();
    return Map.of(
        "arena.access.auth-url", url,
        "arena.access.client-secret", "a secret for tests",
        "quarkus.rest-client.agent-service.url", url);
  }

  @Override
  public void stop() {
    end.countDown();
    server.stop(0);
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    if (path.equals("/internal/token")) {
      answer(exchange, 200, "{\"access_token\":\"for-the-agent-service\",\"expires_in\":300}");
    } else if (path.startsWith("/test/agents/")) {
      agents.put(path.substring("/test/agents/".length()), body);
      answer(exchange, 204, "");
    } else if (path.equals("/test/mood")) {
      mood = body;
      answer(exchange, 204, "");
    } else if (path.equals("/test/asked")) {
      answer(exchange, 200, asked.toString());
    } else if (path.startsWith(AGENTS)) {
      agent(exchange, path.substring(AGENTS.length()));
    } else {
      answer(exchange, 404, "{}");
    }
  }

  private void agent(HttpExchange exchange, String id) throws IOException {
    asked.incrementAndGet();
    String bearer = exchange.getRequestHeaders().getFirst("Authorization");
    if (!"Bearer for-the-agent-service".equals(bearer)) {
      answer(exchange, 401, "{}");
      return;
    }
    switch (mood) {
      case "failing" -> answer(exchange, 500, "{}");
      case "silent" -> {
        waitForEnd();
        exchange.close();
      }
      default -> {
        String agent = agents.get(id);
        answer(exchange, agent == null ? 404 : 200, agent == null ? "{}" : agent);
      }
    }
  }

  private void waitForEnd() {
    try {
      end.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void answer(HttpExchange exchange, int status, String json) throws IOException {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
