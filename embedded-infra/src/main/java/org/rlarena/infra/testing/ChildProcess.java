package org.rlarena.infra.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.rlarena.infra.EmbeddedDatabase;
import org.rlarena.infra.Folders;
import org.rlarena.infra.InfraAddress;
import org.rlarena.infra.InfraMain;

/**
 * Broker and database in a process of their own that lives as long as this JVM.
 *
 * <p>Not in this JVM: the class loader that started them is closed with the first application under
 * test, while broker threads still load classes. The child ends when its standard input does, so it
 * also ends when this JVM is killed.
 */
final class ChildProcess {

  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final int STOP_SECONDS = 20;

  private ChildProcess() {}

  static TestServers start() {
    try {
      Path folder = Files.createTempDirectory("arena-test-infra-");
      Path ready = folder.resolve("ready.json");
      Path log = folder.resolve("infra.log");
      var command = new ProcessBuilder(java(), "@" + arguments(folder, ready));
      command.environment().remove("ARENA_POSTGRES_PASSWORD");
      Process process = command.redirectErrorStream(true).redirectOutput(log.toFile()).start();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(process, folder)));
      InfraAddress address = await(process, ready, log);
      return new TestServers(address.kafka(), address.jdbcUrl(""), EmbeddedDatabase.USER, "", true);
    } catch (IOException e) {
      throw new UncheckedIOException("Could not start broker and database", e);
    }
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** A file, because a class path can be longer than a command line may be. */
  private static Path arguments(Path folder, Path ready) throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    Path binaries = temporary.resolve("arena-postgres-" + System.getProperty("user.name"));
    return Files.writeString(
        folder.resolve("arguments"),
        """
        -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx256m
        -cp "%s"
        %s --data "%s" --ready-file "%s" --binaries "%s"
        --no-topics --not-durable --until-input-ends
        """
            .formatted(
                escaped(System.getProperty("java.class.path")),
                InfraMain.class.getName(),
                escaped(folder.toString()),
                escaped(ready.toString()),
                escaped(binaries.toString())));
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  private static InfraAddress await(Process process, Path ready, Path log) throws IOException {
    Instant end = Instant.now().plus(START_LIMIT);
    while (!Files.exists(ready)) {
      boolean ended;
      try {
        ended = process.waitFor(50, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        ended = true;
      }
      if (ended || Instant.now().isAfter(end)) {
        throw new IllegalStateException(
            "Broker and database did not start:\n" + Files.readString(log));
      }
    }
    return InfraAddress.read(ready);
  }

  private static void stop(Process process, Path folder) {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      Folders.delete(folder);
    } catch (IOException e) {
      System.err.println("Could not clean up " + folder + ": " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
