package org.rlarena.submission.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SourceInspectorTest {

  private static final int MIB = 1024 * 1024;

  @TempDir Path folder;

  private final SourceConfig defaults =
      new SmallRyeConfigBuilder()
          .withMapping(SourceConfig.class)
          .withConverter(
              io.quarkus.runtime.configuration.MemorySize.class,
              100,
              new io.quarkus.runtime.configuration.MemorySizeConverter())
          .withConverter(
              Duration.class, 100, new io.quarkus.runtime.configuration.DurationConverter())
          .build()
          .getConfigMapping(SourceConfig.class);
  private final SourceInspector inspector = new SourceInspector(defaults);

  @Test
  void shouldHaveTheDocumentedDefaults() {
    assertThat(defaults.maxUpload().asLongValue()).isEqualTo(50L * MIB);
    assertThat(defaults.maxPython().asLongValue()).isEqualTo(10L * MIB);
    assertThat(defaults.maxUnpacked().asLongValue()).isEqualTo(200L * MIB);
    assertThat(defaults.maxEntries()).isEqualTo(10_000);
    assertThat(defaults.orphanAge()).isEqualTo(Duration.ofHours(1));
  }

  @Test
  void shouldAcceptPythonTextWithUmlautsAndByteOrderMark() {
    assertThat(inspector.inspect(write(bytes("\uFEFF# Spielzüge\nx = 1\n")), "agent.py"))
        .isEqualTo(SourceKind.PY);
  }

  @Test
  void shouldAcceptAnArchive() {
    assertThat(inspector.inspect(write(Archives.withAgent().toBytes()), "bot.zip"))
        .isEqualTo(SourceKind.ZIP);
  }

  static Stream<Arguments> refused() {
    byte[] code = bytes(Archives.AGENT);
    byte[] broken = Archives.concat(bytes("x = '"), new byte[] {(byte) 0xff, (byte) 0xfe});
    return Stream.of(
        arguments("no extension", "agent", code, "unsupported_file_type", 400),
        arguments("other extension", "agent.txt", code, "unsupported_file_type", 400),
        arguments("extension in capitals", "agent.PY", code, "unsupported_file_type", 400),
        arguments("compiled python", "agent.pyc", code, "unsupported_file_type", 400),
        arguments("empty python", "agent.py", new byte[0], "empty_file", 400),
        arguments("empty archive file", "agent.zip", new byte[0], "empty_file", 400),
        arguments("blank python", "agent.py", bytes(" \n\t\n"), "empty_file", 400),
        arguments("NUL in python", "agent.py", bytes("x = 1\u0000"), "invalid_source", 400),
        arguments("not UTF-8", "agent.py", broken, "invalid_source", 400),
        arguments(
            "archive named .py", "a.py", Archives.withAgent().toBytes(), "invalid_source", 400),
        arguments("python named .zip", "a.zip", code, "unsafe_archive", 400),
        arguments("large python", "a.py", new byte[10 * MIB + 1], "file_too_large", 413),
        arguments("large archive", "a.zip", new byte[50 * MIB + 1], "file_too_large", 413));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void shouldRefuse(String name, String filename, byte[] content, String code, int status) {
    Path upload = write(content);

    HttpProblem problem =
        catchThrowableOfType(HttpProblem.class, () -> inspector.inspect(upload, filename));

    assertThat(problem).isNotNull();
    assertThat(problem.getStatusCode()).isEqualTo(status);
    assertThat(problem.getParameters()).containsEntry("code", code);
    assertThat(problem.getDetail()).endsWith(".");
  }

  private Path write(byte[] content) {
    try {
      return Files.write(folder.resolve("upload"), content);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
