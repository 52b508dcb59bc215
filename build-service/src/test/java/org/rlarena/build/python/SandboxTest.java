package org.rlarena.build.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.build.RunControl;
import org.rlarena.build.RunStopped;
import org.rlarena.build.testing.TestConfig;

/** What code in the sandbox can do, tried in the real one. */
class SandboxTest {

  private static PythonTools tools;

  @TempDir Path folder;

  @BeforeAll
  static void prepare() {
    tools = new PythonTools(Map.of());
  }

  @Test
  void shouldHaveNoNetwork() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      server.setSoTimeout(100);

      // When
      Processes.Result result =
          run(
              "import socket; socket.create_connection(('127.0.0.1', %d), 1)"
                  .formatted(server.getLocalPort()));

      // Then
      assertThat(result.status()).isEqualTo(1);
      assertThatThrownBy(server::accept).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void shouldSeeNoEnvironmentAndNoUserOfThisMachine() {
    // When
    Processes.Result result =
        run("import os; print(sorted(set(os.environ) - {'PWD'}), os.getuid(), os.uname()[1])");

    // Then
    assertThat(result.output().strip()).isEqualTo("['HOME', 'LANG'] 65534 build");
  }

  @Test
  void shouldSeeNoFilesOfThisMachineButTheSystem() throws IOException {
    // Given
    Files.writeString(folder.resolve("secret"), "secret");

    // When
    Processes.Result result =
        run(
            """
            import os
            for path in ("/etc/passwd", "/etc/shadow", "/proc/1", "/sys", "%s", "%s"):
                print(os.path.exists(path))
            """
                .formatted(folder.resolve("secret"), Path.of("pom.xml").toAbsolutePath()));

    // Then
    assertThat(result.output().lines()).hasSize(6).containsOnly("False");
  }

  @Test
  void shouldWriteNowhereButToItsWorkFolderAndASmallTmp() throws IOException {
    // Given
    Path work = Files.createDirectory(folder.resolve("work"));
    Path input = Files.createDirectory(folder.resolve("input"));

    // When
    Processes.Result result =
        run(
            Map.of("/input", input),
            Optional.of(work),
            """
            import os
            def tries(path, size=1):
                try:
                    with open(path, "wb") as file:
                        file.write(b"x" * size)
                    return "written"
                except OSError as error:
                    return error.strerror
            print(tries("/work/here"))
            print(tries("/input/there"))
            print(tries("/there"))
            print(tries("/usr/there"))
            print(tries("/opt/agent/there"))
            print(tries("/dev/there"))
            print(tries("/tmp/large", 32 << 20))
            """);

    // Then
    assertThat(result.output().lines().toList())
        .containsExactly(
            "written",
            "Read-only file system",
            "Read-only file system",
            "Read-only file system",
            "Read-only file system",
            "Read-only file system",
            "No space left on device");
    assertThat(work.resolve("here")).hasContent("x");
  }

  @Test
  void shouldKillAllItStartedAfterItsTime() {
    // Given
    String script =
        """
        import os, time
        for _ in range(3):
            if os.fork() == 0:
                os.setsid()
                break
        time.sleep(600)
        """;

    // When
    Processes.Result result =
        tools.toolchain.run(
            Map.of(),
            Optional.empty(),
            1 << 20,
            List.of("-c", script),
            Duration.ofMillis(700),
            line -> {},
            PythonTools.control());

    // Then
    assertThat(result.timedOut()).isTrue();
    assertNothingRuns();
  }

  @Test
  void shouldEndAtOnceWhenTheRunIsStopped() {
    // Given
    RunControl control = new RunControl(Duration.ofHours(1));
    Thread.ofVirtual()
        .start(
            () -> {
              await().until(() -> sandboxes() > 0);
              control.stop();
            });

    // When, Then
    assertThatThrownBy(
            () ->
                tools.toolchain.run(
                    Map.of(),
                    Optional.empty(),
                    1 << 20,
                    List.of("-c", "import time; time.sleep(600)"),
                    Duration.ofMinutes(10),
                    line -> {},
                    control))
        .isInstanceOf(RunStopped.class);
    assertNothingRuns();
  }

  @Test
  void shouldBoundWhatIsPrinted() {
    // When
    Processes.Result result = run("print('x' * (20 << 20))");

    // Then
    assertThat(result.succeeded()).isTrue();
    assertThat(result.output()).hasSize(8 << 20);
  }

  @Test
  void shouldBoundMemory() {
    // When
    Processes.Result result = run("x = bytearray(6 << 30)");

    // Then
    assertThat(result.status()).isEqualTo(1);
  }

  @Test
  void shouldSayWhatIsMissing() {
    // Given
    Toolchain broken =
        new Toolchain(
            TestConfig.build(Map.of("arena.build.agent-python", "/nowhere/python")),
            PythonTools.JSON);

    // When
    boolean works = broken.probe();

    // Then
    assertThat(works).isFalse();
    assertThat(broken.problem()).get().asString().contains("arena.build.agent-python");
  }

  @Test
  void shouldNameTheRemedy() {
    assertThat(Toolchain.remedy("bwrap: setting up uid map: Permission denied"))
        .contains("allow user namespaces");
    assertThat(Toolchain.remedy("prlimit: failed to execute bwrap: No such file or directory"))
        .contains("install the package bubblewrap");
    assertThat(Toolchain.remedy("ModuleNotFoundError: No module named 'pip'"))
        .contains("install it with pip");
  }

  private static Processes.Result run(String script) {
    return run(Map.of(), Optional.empty(), script);
  }

  private static Processes.Result run(
      Map<String, Path> readOnly, Optional<Path> work, String script) {
    return tools.toolchain.run(
        readOnly,
        work,
        24 << 20,
        List.of("-c", script),
        Duration.ofSeconds(30),
        line -> {},
        PythonTools.control());
  }

  private static void assertNothingRuns() {
    await().untilAsserted(() -> assertThat(sandboxes()).isZero());
  }

  private static long sandboxes() {
    return ProcessHandle.current()
        .descendants()
        .filter(process -> process.info().command().orElse("").matches(".*(bwrap|python[0-9.]*)"))
        .count();
  }
}
