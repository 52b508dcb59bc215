package org.rlarena.build.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.rlarena.build.Folders;
import org.rlarena.infra.Ports;

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
      String submissions = "http://127.0.0.1:" + Ports.free();
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
          "127.0.0.1:" + Ports.free());
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
}
