package org.rlarena.gateway.limits;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.rlarena.infra.Ports;

/** A real redis-server, where one is installed. */
final class RedisServer implements AutoCloseable {

  private static final String[] PLACES = {"/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"};

  private final Process process;
  final int port;

  RedisServer(int port) {
    this.port = port;
    try {
      process =
          new ProcessBuilder(
                  program().toString(),
                  "--port",
                  String.valueOf(port),
                  "--bind",
                  "127.0.0.1",
                  "--save",
                  "",
                  "--dir",
                  System.getProperty("java.io.tmpdir"))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(this::accepts);
  }

  static RedisServer onFreePort() {
    return new RedisServer(Ports.free());
  }

  static boolean isInstalled() {
    return program() != null;
  }

  private static Path program() {
    for (String place : PLACES) {
      Path program = Path.of(place, "redis-server");
      if (Files.isExecutable(program)) {
        return program;
      }
    }
    return null;
  }

  private boolean accepts() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
