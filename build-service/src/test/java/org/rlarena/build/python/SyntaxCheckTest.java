package org.rlarena.build.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;

class SyntaxCheckTest {

  private static PythonTools tools;

  @TempDir Path code;

  @BeforeAll
  static void prepare() {
    tools = new PythonTools(Map.of());
  }

  @Test
  void shouldCompileWithoutRunning() throws IOException {
    // Given
    Files.writeString(code.resolve("agent.py"), "raise SystemExit(3)\n");
    Files.createDirectory(code.resolve("lib"));
    Files.writeString(code.resolve("lib/json.py"), "import nothing_like_this\n");

    // When
    check();

    // Then
    assertThat(tools.logged()).contains("Compiled 2 Python files.");
    assertThat(code.resolve("__pycache__")).doesNotExist();
  }

  @Test
  void shouldNameFileAndLine() throws IOException {
    // Given
    Files.createDirectory(code.resolve("lib"));
    Files.writeString(code.resolve("agent.py"), "x = 1\n");
    Files.writeString(code.resolve("lib/b.py"), "def f():\n    return (1\n\nx = = 2\n");

    // When
    BuildFailed refusal = catchThrowableOfType(BuildFailed.class, this::check);

    // Then
    assertThat(refusal.reason()).isEqualTo(FailureReason.SYNTAX_ERROR);
    assertThat(refusal)
        .hasMessage("lib/b.py, line 2: '(' was never closed. Mend it and upload again.");
    assertThat(tools.logged()).contains("lib/b.py, line 2: '(' was never closed");
  }

  @Test
  void shouldNameAFileWithNullBytes() throws IOException {
    // Given
    Files.write(code.resolve("agent.py"), new byte[] {'x', 0, 'y'});

    // When
    BuildFailed refusal = catchThrowableOfType(BuildFailed.class, this::check);

    // Then
    assertThat(refusal).hasMessageContaining("agent.py").hasMessageContaining("null bytes");
  }

  @Test
  void shouldBlameTheFileThatBreaksTheCompiler() throws IOException {
    // Given
    Files.writeString(code.resolve("agent.py"), "x = 1\n");
    Files.writeString(code.resolve("deep.py"), "x = " + "-".repeat(2_000_000) + "1\n");

    // When
    BuildFailed refusal = catchThrowableOfType(BuildFailed.class, this::check);

    // Then
    assertThat(refusal.reason()).isEqualTo(FailureReason.SYNTAX_ERROR);
    assertThat(refusal).hasMessageContaining("deep.py");
  }

  private void check() {
    new SyntaxCheck(tools.toolchain, PythonTools.JSON)
        .check(code, tools.log, PythonTools.control());
  }
}
