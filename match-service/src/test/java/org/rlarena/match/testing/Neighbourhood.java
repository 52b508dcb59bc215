package org.rlarena.match.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import org.rlarena.infra.Ports;

/**
 * Reserves addresses for the neighbours that tests start and stop themselves, and a folder for
 * objects; makes everything that takes time in production short.
 */
public class Neighbourhood implements QuarkusTestResourceLifecycleManager {

  private Path objects;

  @Override
  public Map<String, String> start() {
    try {
      objects = Files.createTempDirectory("match-objects");
      int executor = Ports.free();
      int secondExecutor = Ports.free();
      String neighbours = "http://localhost:" + Ports.free();
      return Map.ofEntries(
          Map.entry("test.neighbours", neighbours),
          Map.entry(
              "arena.executor.addresses", "localhost:" + executor + ",localhost:" + secondExecutor),
          Map.entry("arena.executor.token", "executors-token"),
          Map.entry("arena.executor.health-interval", "100ms"),
          Map.entry("arena.executor.environments-interval", "200ms"),
          Map.entry("arena.executor.gone-after", "1s"),
          Map.entry("arena.match.timeout", "20s"),
          Map.entry("arena.match.lease", "2s"),
          Map.entry("arena.match.poll-interval", "100ms"),
          Map.entry("arena.match.losses", "2"),
          Map.entry("arena.match.retry-backoff", "50ms"),
          Map.entry("arena.match.upload-key", "a key that only this test run knows"),
          Map.entry("arena.match.upload-max-bytes", "100000"),
          Map.entry("arena.match.sweep-age", "0s"),
          Map.entry("arena.match.replay-retention", "30d"),
          Map.entry("arena.match.sweep-interval", "1h"),
          Map.entry("arena.objects.root", objects.toString()),
          Map.entry("arena.access.auth-url", neighbours),
          Map.entry("arena.access.client-secret", "secret"),
          Map.entry("quarkus.rest-client.agent-service.url", neighbours),
          Map.entry("quarkus.rest-client.submission-service.url", neighbours),
          Map.entry("quarkus.http.test-port", "0"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {
    try (Stream<Path> files = Files.walk(objects)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
