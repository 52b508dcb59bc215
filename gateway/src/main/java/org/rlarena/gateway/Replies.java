package org.rlarena.gateway;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.util.regex.Pattern;

/** Writes JSON answers and problems. */
@ApplicationScoped
public class Replies {

  /** What a JAX-RS exception says of itself when nobody gave it a sentence. */
  private static final Pattern NO_SENTENCE = Pattern.compile("HTTP [0-9]{3} .*");

  private final ObjectMapper json;

  Replies(ObjectMapper json) {
    this.json = json;
  }

  /** Sends a value as JSON. */
  public void send(RoutingContext context, int status, Object value) {
    end(context, status, "application/json", bytes(value));
  }

  /** Sends a problem; does nothing if an answer has begun. */
  public void send(RoutingContext context, Problem problem) {
    if (problem.retryAfter() != null) {
      context.response().putHeader("Retry-After", problem.retryAfter().toString());
    }
    end(context, problem.status(), Problem.MEDIA_TYPE, bytes(problem));
  }

  /**
   * Sends a service's error with the members every problem of this API has; a body that is no JSON
   * object is replaced.
   */
  public void sendError(RoutingContext context, int status, Buffer body) {
    end(context, status, Problem.MEDIA_TYPE, decorated(status, body, context.request().path()));
  }

  private Buffer decorated(int status, Buffer body, String instance) {
    JsonNode parsed;
    try {
      parsed = json.readTree(body.getBytes());
    } catch (IOException e) {
      parsed = null;
    }
    ObjectNode plain = json.valueToTree(Problem.of(status, instance));
    if (!(parsed instanceof ObjectNode problem)) {
      return bytes(plain);
    }
    String sentence = problem.path("detail").asText("");
    if (sentence.isEmpty() || NO_SENTENCE.matcher(sentence).matches()) {
      sentence = plain.get("detail").asText();
    }
    for (String member : new String[] {"status", "title", "code"}) {
      if (!problem.hasNonNull(member)) {
        problem.set(member, plain.get(member));
      }
    }
    problem.put("instance", instance);
    problem.put("detail", sentence);
    problem.put("error", sentence);
    problem.put("message", sentence);
    return bytes(problem);
  }

  /** A value as JSON. */
  public Buffer bytes(Object value) {
    try {
      return Buffer.buffer(json.writeValueAsBytes(value));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot be written as JSON: " + value.getClass(), e);
    }
  }

  private static void end(RoutingContext context, int status, String type, Buffer body) {
    HttpServerResponse response = context.response();
    if (response.headWritten() || response.closed()) {
      return;
    }
    response.setStatusCode(status).putHeader("Content-Type", type);
    response.headers().remove("Transfer-Encoding");
    response.putHeader("Content-Length", String.valueOf(body.length()));
    if (context.request().method().name().equals("HEAD")) {
      response.end();
    } else {
      response.end(body);
    }
  }
}
