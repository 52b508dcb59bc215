package org.rlarena.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.infra.testing.Events;

/** The process as the launcher runs it. */
class InfraMainIT {

  private static final Duration LIMIT = Duration.ofSeconds(90);

  @TempDir Path folder;

  private Path ready;
  private Process process;

  @BeforeEach
  void prepare() {
    ready = folder.resolve("ready.json");
  }

  @AfterEach
  void end() throws Exception {
    if (process.isAlive()) {
      process.destroy();
      process.waitFor(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void shouldServeUntilToldToStop() throws Exception {
    // When
    InfraAddress address = start("--databases", "a,b");

    // Then
    assertThat(address.pid()).isEqualTo(process.pid());
    for (String name : List.of("a", "b")) {
      Databases.connect(address.jdbcUrl(name), address.postgresUser(), "s3cret").close();
    }
    try (var events = Events.connect(address.kafka(), "")) {
      assertThat(events.deadLetters("submission.created", "build-service")).isEmpty();
    }
    process.destroy();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(ready).doesNotExist();
    assertThat(serverProcesses()).isEmpty();
  }

  @Test
  void shouldRecoverAfterItWasKilled() throws Exception {
    // Given
    InfraAddress first = start("--databases", "a");
    try (var events = Events.connect(first.kafka(), "");
        var connection = Databases.connect(first.jdbcUrl("a"), first.postgresUser(), "s3cret");
        var statement = connection.createStatement()) {
      events.publish("1", "submission.created", "k", "type", "{}");
      statement.execute("create table t (x int)");
    }
    process.destroyForcibly().waitFor();
    assertThat(serverProcesses()).isNotEmpty();

    // When
    InfraAddress second =
        start(
            "--databases",
            "a",
            "--kafka-port",
            first.kafka().split(":")[1],
            "--postgres-port",
            String.valueOf(first.postgresPort()));

    // Then
    try (var events = Events.connect(second.kafka(), "");
        var connection = Databases.connect(second.jdbcUrl("a"), second.postgresUser(), "s3cret");
        var statement = connection.createStatement()) {
      assertThat(events.on("submission.created")).extracting("id").containsExactly("1");
      statement.execute("insert into t values (1)");
    }
    assertThat(second.postgresPort()).isEqualTo(first.postgresPort());
  }

  @Test
  void shouldEndWithItsParent() throws Exception {
    // Given
    start("--until-input-ends", "--no-topics");

    // When
    process.getOutputStream().close();

    // Then
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    assertThat(serverProcesses()).isEmpty();
  }

  @Test
  void shouldExplainWrongArguments() throws Exception {
    process = command("--kafka-port", "x").redirectErrorStream(true).start();

    assertThat(new String(process.getInputStream().readAllBytes()))
        .contains("--kafka-port must be a port")
        .contains("usage:");
    assertThat(process.waitFor()).isEqualTo(2);
  }

  private InfraAddress start(String... more) throws IOException {
    Files.deleteIfExists(ready);
    Path log = folder.resolve("log");
    ProcessBuilder builder =
        command(
            Stream.concat(
                    Stream.of("--data", folder.resolve("data").toString(), "--ready-file"),
                    Stream.concat(Stream.of(ready.toString()), Stream.of(more)))
                .toArray(String[]::new));
    builder.environment().put("ARENA_POSTGRES_PASSWORD", "s3cret");
    process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    await()
        .atMost(LIMIT)
        .failFast("It ended", () -> assertThat(process.isAlive()).as(() -> read(log)).isTrue())
        .until(() -> Files.exists(ready));
    return InfraAddress.read(ready);
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return "no log: " + e;
    }
  }

  private static ProcessBuilder command(String... arguments) {
    var command =
        Stream.concat(
                Stream.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    InfraMain.class.getName()),
                Stream.of(arguments))
            .toList();
    return new ProcessBuilder(command);
  }

  private List<Long> serverProcesses() throws IOException {
    Path cluster = folder.resolve("data").resolve("postgres").resolve("cluster").toRealPath();
    return ProcessHandle.allProcesses()
        .filter(p -> worksIn(p, cluster))
        .map(ProcessHandle::pid)
        .toList();
  }

  private static boolean worksIn(ProcessHandle process, Path folder) {
    try {
      return Path.of("/proc", String.valueOf(process.pid()), "cwd").toRealPath().equals(folder);
    } catch (IOException e) {
      return false;
    }
  }
}
