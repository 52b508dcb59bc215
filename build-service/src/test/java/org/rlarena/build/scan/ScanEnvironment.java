package org.rlarena.build.scan;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.rlarena.build.Folders;

/** The service with a scanner that says what the test wants, and scans again at once. */
public class ScanEnvironment implements QuarkusTestResourceLifecycleManager {

  private Path folder;

  @Override
  public Map<String, String> start() {
    try {
      folder = Files.createTempDirectory("arena-scan-test-").toRealPath();
      FakeScanner scanner = new FakeScanner(folder);
      return Map.of(
          "arena.build.scan.scanner",
          "trivy",
          "arena.build.scan.command",
          scanner.program().toString(),
          "arena.build.scan.cache-dir",
          scanner.cache().toString(),
          "arena.build.scan.rescan.interval",
          "1s",
          "arena.build.scan.rescan.retry",
          "200ms",
          "arena.build.scan.rescan.poll-interval",
          "PT0.2S");
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
