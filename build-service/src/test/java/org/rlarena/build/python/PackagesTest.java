package org.rlarena.build.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.bundle.Manifest;
import org.rlarena.build.testing.TestWheel;

/** Both phases of collecting packages, with the real pip and a folder as its index. */
class PackagesTest {

  @TempDir Path folder;

  private Path index;
  private PythonTools tools;

  @BeforeEach
  void prepare() throws IOException {
    index = Files.createDirectory(folder.resolve("index"));
    tools = tools("--no-index,--find-links=" + index, Map.of());
  }

  @Test
  void shouldDownloadAndInstallWithWhatIsNeeded() throws IOException {
    // Given
    TestWheel.write(index, "tiny", "1.0", "def answer(): return 42", "Requires-Dist: helper>=2\n");
    TestWheel.write(index, "helper", "1.0", "");
    TestWheel.write(index, "helper", "2.1", "");

    // When
    List<Manifest.Wheel> wheels = download("tiny==1.0");
    Path packages =
        new PackageInstaller(tools.toolchain, tools.config)
            .install(
                folder.resolve("download/wheels"),
                Files.createDirectory(folder.resolve("install")),
                tools.log,
                PythonTools.control());

    // Then
    assertThat(wheels)
        .extracting(Manifest.Wheel::name, Manifest.Wheel::version)
        .containsExactly(tuple("helper", "2.1"), tuple("tiny", "1.0"));
    assertThat(wheels).allSatisfy(wheel -> assertThat(wheel.sha256()).matches("[0-9a-f]{64}"));
    assertThat(packages.resolve("tiny/__init__.py")).hasContent("def answer(): return 42");
    assertThat(packages.resolve("helper-2.1.dist-info/METADATA")).exists();
    assertThat(packages.resolve("bin")).doesNotExist();
    try (Stream<Path> files = Files.walk(packages)) {
      assertThat(files).noneMatch(file -> file.toString().endsWith(".pyc"));
    }
    assertThat(tools.logged())
        .contains("Downloading 2 packages.", "tiny 1.0 sha256", "Installed the packages.")
        .doesNotContain(folder.toString());
  }

  @Test
  void shouldNotDownloadWhatEveryAgentHas() throws IOException {
    // When
    List<Manifest.Wheel> wheels = download("pip");

    // Then
    assertThat(wheels).isEmpty();
    assertThat(tools.logged()).contains("Provided to every agent: pip.");
  }

  @Test
  void shouldNameAPackageThatIsNotThere() throws IOException {
    // When
    BuildFailed refusal = catchThrowableOfType(BuildFailed.class, () -> download("nope-nope>=3"));

    // Then
    assertThat(refusal.reason()).isEqualTo(FailureReason.REQUIREMENTS);
    assertThat(refusal).hasMessageContaining("asks for nope-nope>=3");
  }

  @Test
  void shouldNeverTakeASourcePackage() throws IOException {
    // Given
    Files.writeString(index.resolve("danger-1.0.tar.gz"), "not even an archive");

    // When
    BuildFailed refusal = catchThrowableOfType(BuildFailed.class, () -> download("danger"));

    // Then
    assertThat(refusal.reason()).isEqualTo(FailureReason.REQUIREMENTS);
    assertThat(refusal).hasMessageContaining("no wheel");
  }

  @Test
  void shouldTellContradictions() throws IOException {
    // Given
    TestWheel.write(index, "one", "1", "", "Requires-Dist: helper<2\n");
    TestWheel.write(index, "two", "1", "", "Requires-Dist: helper>=2\n");
    TestWheel.write(index, "helper", "1.0", "");
    TestWheel.write(index, "helper", "2.0", "");

    // When
    BuildFailed refusal = catchThrowableOfType(BuildFailed.class, () -> download("one", "two"));

    // Then
    assertThat(refusal.reason()).isEqualTo(FailureReason.REQUIREMENTS);
    assertThat(refusal).hasMessageContaining("contradict each other");
  }

  @Test
  void shouldNotBlameTheAuthorForAnIndexThatIsAway() throws IOException {
    // Given
    tools = tools("--index-url=http://127.0.0.1:9/simple,--retries=1,--timeout=1", Map.of());

    // When, Then
    assertThatThrownBy(() -> download("tiny-that-nobody-has"))
        .isInstanceOf(PlatformFault.class)
        .hasMessage("The package index could not be read.");
  }

  @Test
  void shouldRefuseMorePackagesThanAllowed() throws IOException {
    // Given
    tools = tools("--no-index,--find-links=" + index, Map.of("arena.build.limits.packages", "1"));
    TestWheel.write(index, "tiny", "1.0", "", "Requires-Dist: helper\n");
    TestWheel.write(index, "helper", "1.0", "");

    // When
    BuildFailed refusal = catchThrowableOfType(BuildFailed.class, () -> download("tiny"));

    // Then
    assertThat(refusal).hasMessageContaining("need 2 packages, and at most 1");
  }

  @Test
  void shouldRefusePackagesThatUnpackTooLarge() throws IOException {
    // Given
    tools =
        tools(
            "--no-index,--find-links=" + index,
            Map.of("arena.build.limits.package-bytes", "2000000"));
    TestWheel.write(index, "big", "1.0", "# " + "x".repeat(3_000_000));

    // When
    BuildFailed refusal = catchThrowableOfType(BuildFailed.class, () -> download("big"));

    // Then
    assertThat(refusal).hasMessageContaining("unpack to more than 1 MiB");
  }

  private List<Manifest.Wheel> download(String... requirements) throws IOException {
    return new Wheels(
            tools.toolchain, PythonTools.JSON, new PipEnvironment(tools.config), tools.config)
        .download(
            List.of(requirements),
            Files.createDirectories(folder.resolve("download")),
            tools.log,
            PythonTools.control());
  }

  private static PythonTools tools(String pipArguments, Map<String, String> more) {
    Map<String, String> properties = new HashMap<>(more);
    properties.put("arena.build.pip-arguments", pipArguments);
    return new PythonTools(properties);
  }
}
