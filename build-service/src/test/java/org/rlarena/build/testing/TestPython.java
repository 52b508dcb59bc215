package org.rlarena.build.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * The Python that tests build with: the one of {@code ARENA_BUILD_AGENT_PYTHON}, else a virtual
 * environment made once below {@code target}, in which nothing but pip is installed.
 */
public final class TestPython {

  private TestPython() {}

  public static synchronized String program() {
    String given = System.getenv("ARENA_BUILD_AGENT_PYTHON");
    if (given != null) {
      return given;
    }
    Path environment = Path.of("target", "agent-venv").toAbsolutePath();
    Path program = environment.resolve("bin/python");
    if (!Files.isExecutable(program) || !Files.isExecutable(environment.resolve("bin/pip"))) {
      create(environment);
    }
    return program.toString();
  }

  private static void create(Path environment) {
    try {
      Process process =
          new ProcessBuilder("python3", "-m", "venv", environment.toString()).inheritIO().start();
      if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
        process.destroyForcibly();
        throw new IllegalStateException("python3 -m venv failed; is python3-venv installed?");
      }
    } catch (IOException e) {
      throw new IllegalStateException("python3 is missing", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
