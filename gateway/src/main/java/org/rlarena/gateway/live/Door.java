package org.rlarena.gateway.live;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.rlarena.gateway.GatewayConfig;
import org.rlarena.gateway.Problem;
import org.rlarena.gateway.Replies;
import org.rlarena.gateway.bus.BusReader;
import org.rlarena.gateway.caller.Caller;
import org.rlarena.gateway.caller.KeysUnavailable;
import org.rlarena.gateway.caller.Tokens;

/** Looks at a request for the stream before anything is sent: whose it is and what it asks for. */
@ApplicationScoped
class Door {

  /** Subprotocol whose next neighbour is the token: browsers can set no header. */
  static final String BEARER_PROTOCOL = "bearer";

  private final Tokens tokens;
  private final BusReader bus;
  private final Hub hub;
  private final Replies replies;
  private final int maxTopics;

  Door(Tokens tokens, BusReader bus, Hub hub, Replies replies, GatewayConfig config) {
    this.tokens = tokens;
    this.bus = bus;
    this.hub = hub;
    this.replies = replies;
    this.maxTopics = config.live().maxTopics();
  }

  /**
   * A request that may come in.
   *
   * @param topics asked for with {@code ?topic=}
   * @param lastEventId null when nothing was missed
   */
  record Guest(Caller caller, List<Topic> topics, String lastEventId) {}

  /** The guest; fails with {@link Refusal} alone. */
  Future<Guest> ask(RoutingContext context) {
    HttpServerRequest request = context.request();
    List<Topic> topics = new ArrayList<>();
    for (String name : context.queryParam("topic")) {
      Optional<Topic> topic = Topic.parse(name);
      if (topic.isEmpty()) {
        return refuse(400, Commands.UNKNOWN_TOPIC);
      }
      topics.add(topic.get());
    }
    if (topics.size() > maxTopics) {
      return refuse(400, "One connection may have " + maxTopics + " topics.");
    }
    Optional<String> token = token(context);
    if (token.isEmpty()) {
      return refuse(
          401, "Send your token in the Authorization header, as ?token= or as a subprotocol.");
    }
    String lastEventId =
        Optional.ofNullable(request.getHeader("Last-Event-ID"))
            .orElse(context.queryParam("lastEventId").stream().findFirst().orElse(null));
    return tokens
        .judge(token.get())
        .recover(
            failure ->
                failure instanceof KeysUnavailable
                    ? refuse(503, "Tokens cannot be checked at the moment. Try again soon.")
                    : refuse(401, failure.getMessage()))
        .compose(caller -> welcome(new Guest(caller, topics, lastEventId)));
  }

  /** Answers with the problem of a failed {@link #ask}. */
  void turnAway(RoutingContext context, Throwable refusal) {
    Problem problem =
        refusal instanceof Refusal known
            ? Problem.of(known.status, known.getMessage(), context.request().path())
            : Problem.of(500, context.request().path());
    if (problem.status() == 401) {
      context.response().putHeader("WWW-Authenticate", "Bearer");
    }
    context.request().resume();
    replies.send(context, problem);
  }

  private Future<Guest> welcome(Guest guest) {
    if (!guest.caller.mayRead()) {
      return refuse(403, "This API token may not listen; it needs the scope read.");
    }
    if (!bus.isCaughtUp()) {
      return refuse(503, "The live stream is not open yet. Try again in a few seconds.");
    }
    return switch (hub.mayEnter(guest.caller)) {
      case IN -> Future.succeededFuture(guest);
      case FULL -> refuse(503, "The live stream is full at the moment. Try again soon.");
      case TOO_MANY_OF_USER ->
          refuse(429, "You have too many live connections; close one of them first.");
      case REVOKED -> refuse(401, "The token was revoked; log in again.");
    };
  }

  private static Optional<String> token(RoutingContext context) {
    Optional<String> ofHeader = Tokens.ofHeader(context.request());
    if (ofHeader.isPresent()) {
      return ofHeader;
    }
    Optional<String> ofQuery = context.queryParam("token").stream().findFirst();
    return ofQuery.isPresent() ? ofQuery : tokenOfProtocol(context.request());
  }

  private static Optional<String> tokenOfProtocol(HttpServerRequest request) {
    String header = request.getHeader("Sec-WebSocket-Protocol");
    if (header == null) {
      return Optional.empty();
    }
    String[] offered = header.split(",");
    for (int i = 0; i + 1 < offered.length; i++) {
      if (offered[i].strip().equals(BEARER_PROTOCOL)) {
        return Optional.of(offered[i + 1].strip());
      }
    }
    return Optional.empty();
  }

  private static <T> Future<T> refuse(int status, String message) {
    return Future.failedFuture(new Refusal(status, message));
  }

  /** Why a request does not come in. */
  static final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;

    Refusal(int status, String message) {
      super(message, null, false, false);
      this.status = status;
    }
  }
}
