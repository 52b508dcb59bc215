package org.rlarena.build.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;

class EntryPointTest {

  @TempDir Path code;

  @ParameterizedTest
  @CsvSource({
    "agent.py main.py helper.py, agent.py",
    "main.py helper.py, main.py",
    "pong.py weights.bin, pong.py"
  })
  void shouldPreferAgentThenMainThenTheOnlyScript(String files, String entry) throws IOException {
    // Given
    create(files);

    // When, Then
    assertThat(EntryPoint.in(code)).isEqualTo(entry);
  }

  @Test
  void shouldRefuseSeveralScriptsWithoutEntry() throws IOException {
    // Given
    create("a.py b.py");
    Files.createDirectory(code.resolve("agent.py"));

    // When
    BuildFailed refusal = catchThrowableOfType(BuildFailed.class, () -> EntryPoint.in(code));

    // Then
    assertThat(refusal.reason()).isEqualTo(FailureReason.MISSING_ENTRY_POINT);
    assertThat(refusal).hasMessageContaining("agent.py or main.py");
  }

  @Test
  void shouldNotLookIntoFolders() throws IOException {
    // Given
    Files.createDirectory(code.resolve("mybot"));
    Files.createFile(code.resolve("mybot/agent.py"));

    // When
    BuildFailed refusal = catchThrowableOfType(BuildFailed.class, () -> EntryPoint.in(code));

    // Then
    assertThat(refusal.reason()).isEqualTo(FailureReason.MISSING_ENTRY_POINT);
  }

  private void create(String files) throws IOException {
    for (String file : files.split(" ")) {
      Files.createFile(code.resolve(file));
    }
  }
}
