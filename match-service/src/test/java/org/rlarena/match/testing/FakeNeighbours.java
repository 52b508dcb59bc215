package org.rlarena.match.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.ConfigProvider;
import org.rlarena.infra.testing.Contract;

/** auth-, agent- and submission-service as far as this service asks them. */
public final class FakeNeighbours implements AutoCloseable {

  private final HttpServer server;
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final AtomicInteger questions = new AtomicInteger();

  public FakeNeighbours() {
    URI address = ConfigProvider.getConfig().getValue("test.neighbours", URI.class);
    try {
      server = HttpServer.create(new InetSocketAddress("localhost", address.getPort()), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", this::answer);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
  }

  /** agent-service knows this agent. */
  public void knowAgent(UUID agentId, UUID ownerId, String name, String environmentId) {
    answers.put(
        "/internal/agents/" + agentId,
        Contract.exampleNode("agent.changed.v1")
            .put("agentId", agentId.toString())
            .put("ownerId", ownerId.toString())
            .put("name", name)
            .put("environmentId", environmentId)
            .toString());
  }

  /** submission-service knows this active version. */
  public void knowVersion(UUID agentId, UUID submissionId) {
    answers.put(
        "/internal/agents/" + agentId + "/active-submission",
        Contract.exampleNode("submission.activated.v1")
            .put("agentId", agentId.toString())
            .put("submissionId", submissionId.toString())
            .toString());
  }

  /** How often agents or versions were asked for. */
  public int questions() {
    return questions.get();
  }

  @Override
  public void close() {
    server.stop(0);
  }

  private void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String answer;
    if (path.equals("/internal/token")) {
      answer = "{\"access_token\":\"service-token\",\"expires_in\":300}";
    } else {
      questions.incrementAndGet();
      answer =
          "Bearer service-token".equals(exchange.getRequestHeaders().getFirst("Authorization"))
              ? answers.get(path)
              : null;
    }
    byte[] body = (answer == null ? "{}" : answer).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(answer == null ? 404 : 200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
