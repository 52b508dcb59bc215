package org.rlarena.gateway;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;

/**
 * The services, as the gateway sees them. Each answers with what it was asked, unless the request's
 * {@code X-Test} header or token tells it to misbehave. build-service is down until {@code
 * /control/build/up} is asked of auth-service.
 */
public class FakeServices implements QuarkusTestResourceLifecycleManager {

  private final ObjectMapper json = new ObjectMapper();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Map<String, HttpServer> servers = new ConcurrentHashMap<>();
  private final Map<String, Long> received = new ConcurrentHashMap<>();
  private int buildPort;
  private volatile boolean ratingsBroken;
  private boolean limited;

  /**
   * With {@code limits} the gateway keeps its own limits; else tests may ask as often as they like.
   */
  @Override
  public void init(Map<String, String> arguments) {
    limited = arguments.containsKey("limits");
  }

  @Override
  public Map<String, String> start() {
    Map<String, String> settings = new HashMap<>();
    if (!limited) {
      for (String limit :
          new String[] {"auth", "submissions", "matches", "replays", "address", "user"}) {
        settings.put("arena.gateway.limits." + limit + ".requests", "0");
      }
    }
    settings.put("arena.gateway.stall-timeout", "1s");
    settings.put("arena.gateway.account-timeout", "1s");
    settings.put("arena.gateway.part-timeout", "400ms");
    settings.put("arena.gateway.live.log-interval", "50ms");
    settings.put("arena.gateway.cache.lists", "0s");
    settings.put("arena.gateway.cache.profiles", "0s");
    settings.put("arena.gateway.cache.health", "10ms");
    settings.put("arena.gateway.cache.openapi", "10ms");
    for (String name :
        new String[] {
          "auth", "agent", "submission", "build", "matchmaking", "match", "rating", "webhook"
        }) {
      int port = listen(name + "-service", 0);
      settings.put("arena.gateway.services." + name + "-service", "http://127.0.0.1:" + port);
      if (name.equals("build")) {
        buildPort = port;
      }
    }
    servers.remove("build-service").stop(0);
    return settings;
  }

  @Override
  public void stop() {
    stopping.countDown();
    servers.values().forEach(server -> server.stop(0));
    threads.shutdownNow();
  }

  private int listen(String name, int port) {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      server.setExecutor(threads);
      server.createContext("/", exchange -> handle(name, exchange));
      server.start();
      servers.put(name, server);
      return server.getAddress().getPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void handle(String name, HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getRawPath();
      String test = exchange.getRequestHeaders().getFirst("X-Test");
      String token = exchange.getRequestHeaders().getFirst("Authorization");
      if (path.startsWith("/control/")) {
        control(path, exchange);
      } else if (path.equals("/q/health/ready")) {
        health(name, exchange);
      } else if (path.equals("/.well-known/jwks.json") && test == null) {
        keys(name, exchange);
      } else if (path.endsWith("/build-logs") && exchange.getRequestURI().getQuery() != null) {
        buildLog(token, exchange);
      } else if (path.equals("/q/openapi")) {
        describe(name, exchange);
      } else if ("fail=x".equals(exchange.getRequestURI().getQuery())) {
        reply(exchange, 418, "application/problem+json", "{\"status\":418}");
      } else if (("Bearer slow:" + name).equals(token) || "slow".equals(test)) {
        await();
      } else if (("Bearer broken:" + name).equals(token)
          || path.equals("/api/v1/users/me/match-stats") && ratingsBroken) {
        reply(exchange, 500, "application/json", "{\"oops\": \"a stack trace\"}");
      } else if (path.startsWith("/api/v1/users/me") || path.equals("/api/v1/agents/my")) {
        mine(path, token, exchange);
      } else if (String.valueOf(exchange.getRequestURI().getQuery()).startsWith("userId=")) {
        reply(
            exchange,
            200,
            "application/json",
            "{\"agents\":[{\"id\":\"a1\",\"name\":\"Left\",\"elo\":1266}],\"total\":1}");
      } else if (path.startsWith("/api/v1/users/")) {
        somebody(path, exchange);
      } else if (path.startsWith("/api/v1/matchmaking/agents/")) {
        reply(
            exchange,
            200,
            "application/json",
            """
            {"agentId":"a1","state":"resting","canMatch":false,"matchesToday":7,"dailyLimit":100,
             "dailyMatchesRemaining":93,"cooldownUntil":"2026-11-26T07:00:00Z",
             "nextMatchAvailableAt":"2026-11-26T07:00:00Z"}
            """);
      } else {
        behave(name, test == null ? "echo" : test, exchange);
      }
    }
  }

  private void behave(String name, String test, HttpExchange exchange) throws IOException {
    switch (test) {
      case "problem" ->
          reply(
              exchange,
              409,
              "application/problem+json",
              """
              {"status":409,"title":"Too many","detail":"Delete one first.","code":"limit_reached"}
              """);
      case "bare-problem" ->
          reply(
              exchange,
              404,
              "application/problem+json",
              """
              {"status":404,"title":"Not Found","detail":"HTTP 404 Not Found"}
              """);
      case "no-method" ->
          reply(exchange, 405, "application/problem+json", "{\"detail\":\"HTTP 405 Method\"}");
      case "text-error" -> reply(exchange, 500, "text/plain", "java.lang.Boom at Secret.java");
      case "empty-error" -> exchange.sendResponseHeaders(415, -1);
      case "limited" -> {
        exchange.getResponseHeaders().add("Retry-After", "17");
        reply(exchange, 429, "application/problem+json", "{\"status\":429,\"title\":\"Slow\"}");
      }
      case "drop" -> {
        // closing without an answer
      }
      case "cut" -> {
        exchange.sendResponseHeaders(200, 1_000_000);
        exchange.getResponseBody().write(new byte[100_000]);
        exchange.getResponseBody().flush();
      }
      case "stall" -> {
        exchange.sendResponseHeaders(200, 0);
        exchange.getResponseBody().write("begun".getBytes(StandardCharsets.UTF_8));
        exchange.getResponseBody().flush();
        await();
      }
      case "unread" -> reply(exchange, 401, "application/problem+json", "{\"status\":401}");
      case "early" -> {
        exchange.getRequestBody(); // else the connection is closed after it; so the rest is awaited
        reply(exchange, 401, "application/problem+json", "{\"status\":401}");
      }
      case "big" -> {
        exchange.sendResponseHeaders(200, 0);
        byte[] block = new byte[1 << 20];
        for (int i = 0; i < 40; i++) {
          exchange.getResponseBody().write(block);
        }
      }
      case "large" -> {
        byte[] body = new byte[100_000 + ThreadLocalRandom.current().nextInt(1_000_000)];
        exchange.getRequestBody().readAllBytes(); // else the connection is closed after it
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
      }
      case "headers" -> {
        exchange.getResponseHeaders().add("Set-Cookie", "a=1");
        exchange.getResponseHeaders().add("Set-Cookie", "b=2");
        exchange.getResponseHeaders().add("Connection", "X-Hop");
        exchange.getResponseHeaders().add("X-Hop", "1");
        exchange.getResponseHeaders().add("Access-Control-Allow-Origin", "*");
        exchange.getResponseHeaders().add("Content-Disposition", "attachment; filename=x.html");
        exchange.getResponseHeaders().add("Etag", "\"1\"");
        exchange.getResponseHeaders().add("Vary", "Accept-Encoding");
        reply(exchange, 200, "text/html", "<p>replay</p>");
      }
      default -> echo(name, exchange);
    }
  }

  private void echo(String name, HttpExchange exchange) throws IOException {
    String id = String.valueOf(exchange.getRequestHeaders().getFirst("X-Request-Id"));
    CRC32 sum = new CRC32();
    long length = 0;
    byte[] block = new byte[1 << 16];
    InputStream body = exchange.getRequestBody();
    for (int n = body.read(block); n >= 0; n = body.read(block)) {
      length += n;
      sum.update(block, 0, n);
      received.put(id, length);
    }
    Map<String, String> headers = new LinkedHashMap<>();
    exchange
        .getRequestHeaders()
        .forEach((header, values) -> headers.put(header.toLowerCase(), String.join(",", values)));
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("service", name);
    answer.put("method", exchange.getRequestMethod());
    answer.put("uri", exchange.getRequestURI().toString());
    answer.put("headers", headers);
    answer.put("length", length);
    answer.put("crc", sum.getValue());
    reply(exchange, 200, "application/json", json.writeValueAsString(answer));
  }

  private void mine(String path, String token, HttpExchange exchange) throws IOException {
    if (token == null) {
      exchange.getResponseHeaders().add("WWW-Authenticate", "Bearer");
      reply(exchange, 401, "application/problem+json", "{\"status\":401,\"title\":\"Who?\"}");
      return;
    }
    reply(
        exchange,
        200,
        "application/json",
        switch (path) {
          case "/api/v1/users/me" ->
              exchange.getRequestMethod().equals("PUT")
                  ? "{\"message\":\"updated by auth-service\"}"
                  : """
                  {"user":{"id":"u1","username":"ada","email":"a@x.org","fullName":"Ada","avatarUrl":null,
                   "token":"%s","request":"%s"}}
                  """
                      .formatted(token, exchange.getRequestHeaders().getFirst("X-Request-Id"));
          case "/api/v1/users/me/submission-stats" -> "{\"totalSubmissions\":7,\"activeAgents\":2}";
          case "/api/v1/users/me/match-history" -> "{\"matchHistory\":[{\"id\":\"m1\"}]}";
          case "/api/v1/users/me/match-stats" ->
              "{\"totalMatches\":40,\"totalWins\":21,\"bestRank\":3}";
          default ->
              """
              {"agents":[
                {"id":"a1","name":"Left","environmentId":"pong","rank":0,"activeSubmissionId":"s1"},
                {"id":"a2","name":"Right","environmentId":"connect-four","rank":0}],
               "total":2}
              """;
        });
  }

  private void somebody(String path, HttpExchange exchange) throws IOException {
    if (path.endsWith("/nobody")) {
      reply(
          exchange,
          404,
          "application/problem+json",
          "{\"status\":404,\"detail\":\"There is no such user.\",\"code\":\"user_not_found\"}");
      return;
    }
    Map<String, Object> user = new LinkedHashMap<>();
    user.put("id", "u1");
    user.put("username", path.substring("/api/v1/users/".length()));
    user.put("avatarUrl", null);
    reply(exchange, 200, "application/json", json.writeValueAsString(Map.of("user", user)));
  }

  private void health(String name, HttpExchange exchange) throws IOException {
    if (name.equals("match-service")) {
      reply(
          exchange,
          503,
          "application/json",
          """
          {"status":"DOWN","checks":[{"name":"database schema","status":"UP"},
           {"name":"executor","status":"DOWN"}]}
          """);
      return;
    }
    reply(exchange, 200, "application/json", "{\"status\":\"UP\",\"checks\":[]}");
  }

  /** The keys of TestKeys if a test uses them. */
  private void keys(String name, HttpExchange exchange) throws IOException {
    String folder = System.getProperty("arena.test.keys");
    if (folder == null) {
      echo(name, exchange);
    } else {
      reply(
          exchange,
          200,
          "application/json",
          Files.readString(Path.of(folder, "jwks.json"), StandardCharsets.UTF_8));
    }
  }

  /**
   * A log that has one more line each time it is asked for, up to three, for whoever has a token.
   */
  private void buildLog(String token, HttpExchange exchange) throws IOException {
    if (token == null) {
      reply(exchange, 401, "application/problem+json", "{\"status\":401}");
      return;
    }
    int offset = Integer.parseInt(exchange.getRequestURI().getQuery().split("=")[1]);
    String log = "resolving\ncompiling \uD83D\uDE00\nvalidating\n";
    int end = offset == log.length() ? offset : log.indexOf('\n', offset) + 1;
    Map<String, Object> view = new LinkedHashMap<>();
    view.put("status", "building");
    view.put("buildLog", log.substring(offset, end));
    view.put("attempt", 1);
    view.put("nextOffset", end);
    reply(exchange, 200, "application/json", json.writeValueAsString(view));
  }

  private void describe(String name, HttpExchange exchange) throws IOException {
    String own =
        switch (name) {
          case "agent-service" -> "/api/v1/agents/{id}";
          case "match-service" -> "/api/v1/matches/{matchId}/replay";
          default -> "/api/v1/nobodys/" + name;
        };
    reply(
        exchange,
        200,
        "application/json",
        """
        {"openapi":"3.1.0",
         "paths":{"%s":{"get":{"summary":"of %s","responses":{"200":{"content":{"application/json":
           {"schema":{"$ref":"#/components/schemas/Answer"}}}}}}},
           "/internal/secret":{"get":{}},"/q/anything":{"get":{}}},
         "components":{"schemas":{"Answer":{"title":"%s"},"Unused":{}}}}
        """
            .formatted(own, name, name));
  }

  private void control(String path, HttpExchange exchange) throws IOException {
    switch (path) {
      case "/control/build/up" -> listen("build-service", buildPort);
      case "/control/build/down" -> servers.remove("build-service").stop(0);
      case "/control/ratings/broken" -> ratingsBroken = true;
      case "/control/ratings/mended" -> ratingsBroken = false;
      default -> {
        // asking how much has arrived
      }
    }
    String id = path.substring(path.lastIndexOf('/') + 1);
    reply(exchange, 200, "text/plain", String.valueOf(received.getOrDefault(id, 0L)));
  }

  private void await() {
    try {
      stopping.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void reply(HttpExchange exchange, int status, String type, String text)
      throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(body.length));
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    // closing would first wait for a request body that nobody has read
    exchange.getResponseBody().flush();
  }
}
