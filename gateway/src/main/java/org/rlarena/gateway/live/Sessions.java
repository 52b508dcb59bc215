package org.rlarena.gateway.live;

import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BooleanSupplier;
import org.rlarena.gateway.GatewayConfig;

/** Opens connections, keeps them alive and ends them when their token does. */
@ApplicationScoped
class Sessions {

  private final Vertx vertx;
  private final Hub hub;
  private final GatewayConfig.Live config;

  Sessions(Vertx vertx, Hub hub, GatewayConfig gateway) {
    this.vertx = vertx;
    this.hub = hub;
    this.config = gateway.live();
  }

  /** A connection and the timers that go with it; used on its event loop. */
  final class Session {

    final Connection connection;
    private final long pings;
    private final long expiry;

    private Session(Connection connection, BooleanSupplier isAlive) {
      this.connection = connection;
      this.pings =
          vertx.setPeriodic(
              config.pingInterval().toMillis(),
              timer -> {
                if (isAlive.getAsBoolean()) {
                  connection.ping(hub.lastId());
                } else {
                  connection.end(Wire.Ending.SILENT);
                }
              });
      Duration left = Duration.between(Instant.now(), connection.caller.expiresAt());
      this.expiry =
          vertx.setTimer(Math.max(1, left.toMillis()), timer -> connection.end(Wire.Ending.TOKEN));
    }

    /** The client has gone, or the wire was closed. */
    void over() {
      vertx.cancelTimer(pings);
      vertx.cancelTimer(expiry);
      hub.leave(connection);
    }
  }

  /**
   * Lets a guest listen. Called on the event loop that the wire belongs to.
   *
   * @param isAlive asked before each ping: whether anything was heard of the client lately
   */
  Session open(Door.Guest guest, Wire wire, BooleanSupplier isAlive) {
    Connection connection =
        new Connection(
            guest.caller(),
            vertx.getOrCreateContext(),
            wire,
            config.queueMessages(),
            config.queueBytes().asLongValue());
    Session session = new Session(connection, isAlive);
    switch (hub.admit(connection, guest.topics(), guest.lastEventId())) {
      case IN -> {
        // hello is on its way
      }
      case REVOKED -> connection.end(Wire.Ending.TOKEN);
      case FULL, TOO_MANY_OF_USER -> connection.end(Wire.Ending.BUSY);
    }
    return session;
  }
}
