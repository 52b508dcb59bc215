package org.rlarena.build.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;

/** The rules for requirements.txt, through the script that judges it. */
class RequirementsTest {

  private static PythonTools tools;

  @TempDir Path code;

  @BeforeAll
  static void prepare() {
    tools = new PythonTools(Map.of());
  }

  @Test
  void shouldAskForNothingWithoutAFile() throws IOException {
    assertThat(read()).isEmpty();
  }

  @Test
  void shouldTakeNamesVersionsExtrasAndMarkers() throws IOException {
    // Given
    write(
        """
        # what the model needs
        numpy>=1.26,<3   # arrays

        gymnasium[classic-control] ~= 1.0
        msgpack; python_version >= "3"
        pywin32; sys_platform == "win32"
        numpy>=1.26,<3
        """);

    // When
    List<String> requirements = read();

    // Then
    assertThat(requirements)
        .containsExactly("numpy<3,>=1.26", "gymnasium[classic-control]~=1.0", "msgpack");
  }

  @Test
  void shouldTakeAByteOrderMark() throws IOException {
    // Given
    Files.write(
        code.resolve("requirements.txt"), "\ufeffnumpy\r\n".getBytes(StandardCharsets.UTF_8));

    // When, Then
    assertThat(read()).containsExactly("numpy");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--index-url=https://evil.example/simple | options",
        "-i https://evil.example | options",
        "-e . | options",
        "-r other.txt | options",
        "--find-links /tmp | options",
        "numpy --hash=sha256:00 | options",
        "git+ssh://git@example.org/x.git | addresses and version control",
        "x @ git+https://example.org/x.git | addresses and version control",
        "x @ file:///etc/passwd | addresses and version control",
        "https://example.org/x.whl | addresses and version control",
        "file:///srv/x.whl | addresses and version control",
        "./local | files and folders",
        "../local | files and folders",
        "/etc/x | files and folders",
        "~/x | files and folders",
        "x-1.0-py3-none-any.whl | files and folders",
        "x.tar.gz | files and folders",
        "numpy==1.0 \\ | go on in the next line",
        "${HOME} | not a requirement",
        "numpy=1.0 | not a requirement",
        "import os | not a requirement",
        "x; python_version >= | not a requirement"
      })
  void shouldRefuseNamingTheLine(String line, String told) throws IOException {
    // Given
    write("numpy\n\n" + line + "\n");

    // When
    BuildFailed refusal = catchThrowableOfType(BuildFailed.class, this::read);

    // Then
    assertThat(refusal.reason()).isEqualTo(FailureReason.REQUIREMENTS);
    assertThat(refusal)
        .hasMessageContaining("requirements.txt, line 3:")
        .hasMessageContaining(told);
  }

  @Test
  void shouldRefuseMoreThan200Packages() throws IOException {
    // Given
    write(IntStream.range(0, 201).mapToObj(i -> "p" + i).collect(Collectors.joining("\n")));

    // When
    BuildFailed refusal = catchThrowableOfType(BuildFailed.class, this::read);

    // Then
    assertThat(refusal).hasMessageContaining("more than 200 packages");
  }

  @Test
  void shouldRefuseWhatIsNotText() throws IOException {
    // Given
    Files.write(code.resolve("requirements.txt"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});

    // When
    BuildFailed refusal = catchThrowableOfType(BuildFailed.class, this::read);

    // Then
    assertThat(refusal).hasMessageContaining("not UTF-8");
  }

  @Test
  void shouldRefuseAHugeFile() throws IOException {
    // Given
    write("# \n".repeat(100_000));

    // When
    BuildFailed refusal = catchThrowableOfType(BuildFailed.class, this::read);

    // Then
    assertThat(refusal).hasMessageContaining("larger than 256 KiB");
  }

  private void write(String text) throws IOException {
    Files.writeString(code.resolve("requirements.txt"), text);
  }

  private List<String> read() throws IOException {
    return new Requirements(tools.toolchain, PythonTools.JSON)
        .read(code, tools.log, PythonTools.control());
  }
}
