package org.rlarena.webhook.deliveries;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLException;

/**
 * One request and what is read of its answer. The status decides; of the body only the beginning is
 * read, for the log, and then the connection is cut.
 */
class Exchange {

  /** Bytes of an answer that are read; more are of no use to anybody. */
  private static final int MOST_READ = 4096;

  /** Characters of an answer that are kept. */
  private static final int MOST_KEPT = 1000;

  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private final Buffer read = Buffer.buffer();
  private volatile HttpClientRequest request;
  private volatile int status;
  private volatile boolean over;

  CompletableFuture<Outcome> outcome() {
    return outcome;
  }

  void begin(HttpClientRequest begun, Buffer body) {
    request = begun;
    if (over) {
      begun.reset();
      return;
    }
    begun.send(body).onSuccess(this::read).onFailure(this::fail);
  }

  void fail(Throwable cause) {
    outcome.complete(Outcome.failed(reason(cause)));
  }

  /** The time is over: what is known by now. */
  Outcome giveUp() {
    over = true;
    HttpClientRequest open = request;
    if (open != null) {
      open.reset();
    }
    int known = status;
    outcome.complete(
        known == 0
            ? Outcome.failed("The receiver did not answer in time.")
            : Outcome.answered(known, null));
    return outcome.join();
  }

  private void read(HttpClientResponse response) {
    status = response.statusCode();
    response
        .handler(
            chunk -> {
              read.appendBuffer(
                  chunk.slice(0, Math.min(chunk.length(), MOST_READ - read.length())));
              if (read.length() >= MOST_READ) {
                end();
                request.reset();
              }
            })
        .endHandler(nothing -> end())
        .exceptionHandler(cause -> end());
  }

  private void end() {
    outcome.complete(Outcome.answered(status, text(read.getBytes())));
  }

  /** As text that PostgreSQL can hold. */
  private static String text(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8).replace('\0', '\uFFFD');
    return text.length() <= MOST_KEPT
        ? text
        : text.substring(0, MOST_KEPT).replaceAll("[\\uD800-\\uDBFF]$", "");
  }

  /** Why there was no answer, for the hook's owner. */
  static String reason(Throwable cause) {
    return switch (cause) {
      case SSLException e -> "The receiver's certificate or TLS was not accepted.";
      case ConnectException e -> "The receiver could not be reached.";
      case null, default -> "The connection ended before the receiver had answered.";
    };
  }
}
