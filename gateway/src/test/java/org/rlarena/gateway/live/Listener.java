package org.rlarena.gateway.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.restassured.RestAssured;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A client of the live stream's WebSocket. */
final class Listener implements WebSocket.Listener, AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  final BlockingQueue<JsonNode> messages = new LinkedBlockingQueue<>();
  final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final List<JsonNode> seen = new ArrayList<>();
  private final StringBuilder partial = new StringBuilder();
  private WebSocket socket;

  static WebSocket.Builder builder() {
    return HTTP.newWebSocketBuilder();
  }

  /** Connects with a token in the header and waits until it was let in. */
  static Listener connect(String token, String query) {
    Listener listener =
        connect(builder().header("Authorization", "Bearer " + token), "/api/v1/ws" + query);
    listener.await("hello");
    return listener;
  }

  static Listener connect(WebSocket.Builder builder, String path) {
    Listener listener = new Listener();
    listener.socket =
        builder
            .buildAsync(URI.create("ws://localhost:" + RestAssured.port + path), listener)
            .join();
    return listener;
  }

  String subprotocol() {
    return socket.getSubprotocol();
  }

  void send(String text) {
    socket.sendText(text, true).join();
  }

  void sendBytes(ByteBuffer bytes) {
    socket.sendBinary(bytes, true).join();
  }

  void command(String type, String member, String value) {
    send("{\"type\":\"%s\",\"payload\":{\"%s\":\"%s\"}}".formatted(type, member, value));
  }

  void subscribe(String topic) {
    command("subscribe", "topic", topic);
    await("subscribed");
  }

  /** The next message of a type, all before it being put aside. */
  JsonNode await(String type) {
    return await(message -> message.path("type").asText().equals(type));
  }

  JsonNode await(Predicate<JsonNode> wanted) {
    long end = System.nanoTime() + LIMIT.toNanos();
    try {
      while (true) {
        JsonNode next = messages.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (next == null) {
          throw new AssertionError("No such message; seen: " + seen);
        }
        seen.add(next);
        if (wanted.test(next)) {
          return next;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Types of all messages so far. */
  List<String> typesSeen() {
    return seen.stream().map(message -> message.path("type").asText()).toList();
  }

  @Override
  public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      try {
        messages.add(JSON.readTree(partial.toString()));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException(e);
      }
      partial.setLength(0);
    }
    webSocket.request(1);
    return null;
  }

  @Override
  public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
    closed.complete(statusCode);
    return null;
  }

  @Override
  public void onError(WebSocket webSocket, Throwable error) {
    closed.completeExceptionally(error);
  }

  @Override
  public void close() {
    socket.abort();
  }
}
