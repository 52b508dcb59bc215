package org.rlarena.build.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.rlarena.build.Folders;

/** Folders, ports of the fake neighbours, and the Python of agents for one start of the service. */
public class TestEnvironment implements QuarkusTestResourceLifecycleManager {

  private Path folder;

  @Override
  public Map<String, String> start() {
    try {
      folder = Files.createTempDirectory("arena-build-test-").toRealPath();
      Path wheels = Files.createDirectory(folder.resolve("index"));
      TestWheel.write(wheels, "tiny_rl", "1.0", "def answer():\n    return 42\n");
      TestWheel.write(wheels, "tiny_rl", "2.0", "def answer():\n    return 43\n");
      String submissions = "http://127.0.0.1:" + freePort();
      return Map.of(
          "arena.objects.root",
          folder.resolve("objects").toString(),
          "arena.build.work-dir",
          folder.resolve("work").toString(),
          "arena.build.agent-python",
          TestPython.program(),
          "arena.build.pip-arguments",
          "--no-index,--find-links=" + wheels,
          "arena.build.submission-service-url",
          submissions,
          "arena.access.auth-url",
          submissions,
          "arena.executor.addresses",
          "127.0.0.1:" + freePort());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {
    try {
      Folders.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A port that nothing listens on and no connection gets: neighbours of the tests come and go, and
   * a port out of the range that systems give to connections could be taken in between.
   */
  private static int freePort() {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (ServerSocket socket = new ServerSocket(port)) {
        return socket.getLocalPort();
      } catch (IOException e) {
        // Somebody listens there: another one, then.
      }
    }
  }
}
