package org.rlarena.submission;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** An object store of this run's own. */
public class ObjectFolder implements QuarkusTestResourceLifecycleManager {

  private Path root;

  @Override
  public Map<String, String> start() {
    try {
      root = Files.createTempDirectory("arena-objects");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Map.of("arena.objects.root", root.toString());
  }

  @Override
  public void stop() {
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
