package org.rlarena.gateway.live;

/** How messages reach one client. Used on the connection's event loop alone. */
interface Wire {

  void send(Message message);

  /** Whether more should wait until {@link #onDrain} calls. */
  boolean isFull();

  /** Called once when there is room again. */
  void onDrain(Runnable next);

  /** Lets the client know that this end is alive; {@code lastId} may be null. */
  void ping(String lastId);

  void close(Ending ending);

  /** Why a connection ends. */
  enum Ending {
    /** The token expired or was revoked. */
    TOKEN((short) 4001, "the token is no longer valid"),
    SLOW((short) 1013, "too slow: messages were waiting"),
    SILENT((short) 1001, "no answer to pings"),
    TOO_LARGE((short) 1009, "message too large"),
    BUSY((short) 1008, "too many messages"),
    STOPPING((short) 1001, "the gateway stops");

    final short code;
    final String reason;

    Ending(short code, String reason) {
      this.code = code;
      this.reason = reason;
    }
  }
}
