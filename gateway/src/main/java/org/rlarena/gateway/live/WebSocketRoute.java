package org.rlarena.gateway.live;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import java.util.Set;
import org.rlarena.gateway.GatewayConfig;
import org.rlarena.gateway.Problem;
import org.rlarena.gateway.Replies;

/**
 * The live stream as a WebSocket, at {@code /api/v1/ws} and, for the reference's web page, {@code
 * /ws}. Pages of other origins than those of the CORS configuration are refused: browsers let any
 * page open a WebSocket anywhere.
 */
@ApplicationScoped
class WebSocketRoute implements HttpServerOptionsCustomizer {

  private final Door door;
  private final Sessions sessions;
  private final Commands commands;
  private final Replies replies;
  private final GatewayConfig.Live config;
  private final Set<String> origins;

  WebSocketRoute(
      Door door, Sessions sessions, Commands commands, Replies replies, GatewayConfig gateway) {
    this.door = door;
    this.sessions = sessions;
    this.commands = commands;
    this.replies = replies;
    this.config = gateway.live();
    this.origins = Set.copyOf(gateway.corsOrigins());
  }

  @Override
  public void customizeHttpServer(HttpServerOptions options) {
    options
        .addWebSocketSubProtocol(Door.BEARER_PROTOCOL)
        // what lies between this and the limit can still be told why it ends the connection
        .setMaxWebSocketFrameSize(4 * config.maxClientFrame())
        .setMaxWebSocketMessageSize(4 * config.maxClientFrame())
        // messages are short, and each compressing connection costs a window in memory
        .setPerMessageWebSocketCompressionSupported(false)
        .setPerFrameWebSocketCompressionSupported(false);
  }

  void register(@Observes Router router) {
    for (String path : List.of("/api/v1/ws", "/ws")) {
      router.route(HttpMethod.GET, path).handler(this::handle);
    }
  }

  private void handle(RoutingContext context) {
    HttpServerRequest request = context.request();
    if (!"websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
      context.response().putHeader("Upgrade", "websocket");
      replies.send(context, Problem.of(426, request.path()));
      return;
    }
    if (!isWelcome(request)) {
      replies.send(
          context, Problem.of(403, "Pages of this origin may not listen here.", request.path()));
      return;
    }
    request.pause();
    door.ask(context)
        .onFailure(refusal -> door.turnAway(context, refusal))
        .onSuccess(guest -> upgrade(request, guest));
  }

  private boolean isWelcome(HttpServerRequest request) {
    String origin = request.getHeader("Origin");
    return origin == null
        || origins.contains(origin)
        || request.authority() != null
            && origin.replaceFirst("^https?://", "").equals(request.authority().toString());
  }

  private void upgrade(HttpServerRequest request, Door.Guest guest) {
    // a failed handshake has been answered by Vert.x
    request.toWebSocket().onSuccess(socket -> listen(socket, guest));
    request.resume();
  }

  private void listen(ServerWebSocket socket, Door.Guest guest) {
    Ear ear = new Ear();
    Sessions.Session session = sessions.open(guest, new SocketWire(socket), ear::heardLately);
    socket.closeHandler(closed -> session.over());
    socket.exceptionHandler(failure -> {}); // it closes the socket as well
    socket.pongHandler(pong -> ear.hear());
    socket.binaryMessageHandler(
        message ->
            commands.refuse(session.connection, "bad_message", "Messages here are text, in JSON."));
    socket.textMessageHandler(
        text -> {
          if (text.length() > config.maxClientFrame()) {
            session.connection.end(Wire.Ending.TOO_LARGE);
          } else {
            commands.handle(session.connection, text);
          }
        });
    socket.frameHandler(
        frame -> {
          ear.hear();
          if (++ear.frames > config.maxClientFrames()) {
            session.connection.end(Wire.Ending.BUSY);
          }
        });
    if (socket.isClosed()) {
      session.over();
    }
  }

  /** What was heard of a client since the last ping but one. */
  private static final class Ear {
    private static final int SILENT_PINGS = 2;

    private int silentPings;
    private int frames;

    void hear() {
      silentPings = 0;
    }

    boolean heardLately() {
      frames = 0;
      return ++silentPings <= SILENT_PINGS;
    }
  }

  private record SocketWire(ServerWebSocket socket) implements Wire {

    @Override
    public void send(Message message) {
      socket.writeTextMessage(message.text());
    }

    @Override
    public boolean isFull() {
      return socket.writeQueueFull();
    }

    @Override
    public void onDrain(Runnable next) {
      socket.drainHandler(drained -> next.run());
    }

    @Override
    public void ping(String lastId) {
      socket.writePing(Buffer.buffer());
    }

    @Override
    public void close(Ending ending) {
      socket.close(ending.code, ending.reason);
    }
  }
}
