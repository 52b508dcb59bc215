package org.rlarena.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What answers are composed of: one service must answer, others add what they know if they do so in
 * time. All are asked in the caller's name.
 */
@ApplicationScoped
public class Parts {

  private final Upstreams upstreams;
  private final Replies replies;
  private final ObjectMapper json;
  private final Duration mainTimeout;
  private final Duration partTimeout;

  Parts(Upstreams upstreams, Replies replies, ObjectMapper json, GatewayConfig config) {
    this.upstreams = upstreams;
    this.replies = replies;
    this.json = json;
    this.mainTimeout = config.accountTimeout();
    this.partTimeout = config.partTimeout();
  }

  /**
   * Asks the service that must answer. What it refuses is passed on; when it does not answer, that
   * is a 503.
   *
   * @param next is given the JSON object of a 200
   */
  public void main(RoutingContext context, Service service, String uri, Consumer<ObjectNode> next) {
    main(context, service, uri)
        .onFailure(failure -> fail(context, service, failure))
        .onSuccess(next::accept);
  }

  /** The JSON object of its 200; what a failure means to the client is told by {@link #fail}. */
  public Future<ObjectNode> main(RoutingContext context, Service service, String uri) {
    return ask(context, service, uri, mainTimeout)
        .compose(
            answer -> {
              Optional<ObjectNode> body =
                  answer.status() == 200 ? object(answer) : Optional.empty();
              return body.map(Future::succeededFuture)
                  .orElseGet(() -> Future.failedFuture(new Refused(answer)));
            });
  }

  /** Passes on what the service refused; 503 for every other failure of {@link #main}. */
  public void fail(RoutingContext context, Service service, Throwable failure) {
    if (failure instanceof Refused refused && refused.answer.status() >= 400) {
      refuse(context, refused.answer);
    } else {
      unavailable(context, service);
    }
  }

  /** Asks for something that may be left out; fails unless a JSON object comes in time. */
  public Future<ObjectNode> part(RoutingContext context, Service service, String uri) {
    return ask(context, service, uri, partTimeout)
        .compose(
            answer ->
                object(answer)
                    .filter(body -> answer.status() == 200)
                    .map(Future::succeededFuture)
                    .orElseGet(() -> Future.failedFuture("status " + answer.status())));
  }

  /** Copies those of the fields that are there and not null. */
  public static void copy(JsonNode from, ObjectNode to, String... names) {
    for (String name : names) {
      if (from.hasNonNull(name)) {
        to.set(name, from.get(name));
      }
    }
  }

  /** 503 that names the service. */
  public void unavailable(RoutingContext context, Service service) {
    replies.send(context, Problem.unavailable(service, context.request().path()));
  }

  private void refuse(RoutingContext context, Upstreams.Answer answer) {
    for (String name : new String[] {"WWW-Authenticate", "Retry-After"}) {
      if (answer.headers().contains(name)) {
        context.response().putHeader(name, answer.headers().get(name));
      }
    }
    replies.sendError(context, answer.status(), answer.body());
  }

  private Future<Upstreams.Answer> ask(
      RoutingContext context, Service service, String uri, Duration timeout) {
    String authorization = context.request().getHeader("Authorization");
    Map<String, String> headers = new HashMap<>(RequestIds.of(context));
    if (authorization != null) {
      headers.put("Authorization", authorization);
    }
    return upstreams.fetch(service, uri, headers, timeout);
  }

  private Optional<ObjectNode> object(Upstreams.Answer answer) {
    try {
      return json.readTree(answer.body().getBytes()) instanceof ObjectNode object
          ? Optional.of(object)
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The service answered, but not what was asked for. */
  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Upstreams.Answer answer;

    Refused(Upstreams.Answer answer) {
      super("status " + answer.status(), null, false, false);
      this.answer = answer;
    }
  }
}
