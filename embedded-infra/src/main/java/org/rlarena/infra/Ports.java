package org.rlarena.infra;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Free loopback ports. */
public final class Ports {

  private static final int LOWEST = 20_000;

  /** A little below the first port that Linux gives to connections, which is 32768. */
  private static final int HIGHEST = 32_000;

  private Ports() {}

  /**
   * A port that nothing listens on and no connection gets: who is to listen there may come later,
   * go and come back, and a port out of the range that systems give to connections could be taken
   * in between.
   *
   * @return a TCP port on 127.0.0.1
   */
  public static int free() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
      try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // Somebody listens there: another one, then.
      }
    }
  }
}
