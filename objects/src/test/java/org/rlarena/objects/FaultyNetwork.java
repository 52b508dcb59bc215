package org.rlarena.objects;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Passes bytes on to a server on loopback, as far as a test lets it. */
final class FaultyNetwork implements AutoCloseable {

  private final int target;
  private final ServerSocket listener;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger resets = new AtomicInteger();
  private volatile long upstream = Long.MAX_VALUE;
  private volatile long downstream = Long.MAX_VALUE;
  private volatile boolean silent;

  FaultyNetwork(int target) throws IOException {
    this.target = target;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Resets so many of the next connections when they are made. */
  void resetNext(int connections) {
    resets.set(connections);
  }

  /** Lets so many bytes of a connection pass to the server, then resets it. */
  void cutRequestsAfter(long bytes) {
    upstream = bytes;
  }

  /** Lets so many bytes of a connection pass to the client, then resets it. */
  void cutAnswersAfter(long bytes) {
    downstream = bytes;
  }

  /** Lets so many bytes of a connection pass to the client, and then none, without an end. */
  void stallAnswersAfter(long bytes) {
    silent = true;
    downstream = bytes;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    open.forEach(FaultyNetwork::reset);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        open.add(client);
        if (resets.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
          reset(client);
          continue;
        }
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        open.add(server);
        Thread.ofVirtual().start(() -> pass(client, server, upstream, false));
        Thread.ofVirtual().start(() -> pass(server, client, downstream, silent));
      } catch (IOException e) {
        if (!listener.isClosed()) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  private static void pass(Socket from, Socket to, long limit, boolean silent) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[8192];
      long left = limit;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, (int) Math.min(n, left));
        out.flush();
        left -= Math.min(n, left);
        if (left == 0 && silent) {
          return; // both ends stay open
        }
        if (left == 0) {
          reset(from);
          reset(to);
          return;
        }
      }
      to.shutdownOutput();
    } catch (IOException e) {
      reset(from);
      reset(to);
    }
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // closed already
    }
  }
}
