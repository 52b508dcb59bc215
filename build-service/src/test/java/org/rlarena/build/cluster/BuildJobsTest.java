package org.rlarena.build.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.build.builder.Builder;
import org.rlarena.build.source.Source;
import org.rlarena.build.testing.TestConfig;

/**
 * The Jobs, as files under {@code src/test/resources/jobs}. They are held against the schemas of
 * the Kubernetes API by the checks of the charts. {@code ARENA_WRITE_GOLDEN=1} writes them anew.
 */
class BuildJobsTest {

  private static final String PREFIX = "arena.build.kubernetes.";
  private static final Path GOLDEN = Path.of("src/test/resources/jobs");
  private static final String TOKEN = "token-of-the-job";

  @ParameterizedTest
  @EnumSource(ImageBuilder.class)
  void shouldBeAsItsFileSays(ImageBuilder builder) throws IOException {
    // When
    Job job = job(Map.of("builder", builder.name().toLowerCase()));

    // Then
    assertGolden(builder.name().toLowerCase(), job);
  }

  @Test
  void shouldTakeEverySetting() throws IOException {
    // When
    Job job =
        job(
            Map.of(
                "registry-secret", "registry",
                "builder-arguments", "--registry-mirror=mirror.example.org",
                "runtime-class", "gvisor",
                "node-selector.\"arena/builds\"", "yes",
                "user-namespace", "true",
                "service-account", "builder",
                "instance", "other",
                "deadline", "10m",
                "keep", "1h",
                "resources.memory", "4Gi"));

    // Then
    assertGolden("everything", job);
  }

  @ParameterizedTest
  @EnumSource(ImageBuilder.class)
  void shouldShowTheTokenToTwoStepsAlone(ImageBuilder builder) {
    // When
    Job job = job(Map.of("builder", builder.name().toLowerCase()));

    // Then
    var pod = job.getSpec().getTemplate().getSpec();
    assertThat(
            Stream.concat(pod.getInitContainers().stream(), pod.getContainers().stream())
                .filter(container -> Serialization.asJson(container).contains(TOKEN)))
        .extracting(Container::getName)
        .containsExactly("source", "hand-over");
  }

  @Test
  void shouldHoldNoWordOfTheAuthors() {
    // When
    String dockerfile = Dockerfile.of(request(0), "base@sha256:" + "2".repeat(64));

    // Then
    assertThat(dockerfile)
        .isEqualTo(
            """
            FROM base@sha256:2222222222222222222222222222222222222222222222222222222222222222
            COPY packages/ /opt/agent/packages/
            COPY code/ /app/
            LABEL org.rlarena.agent="00000000-0000-0000-0000-0000000000a1" \\
                  org.rlarena.submission="00000000-0000-0000-0000-0000000000b2" \\
                  org.rlarena.version="3" \\
                  org.rlarena.attempt="2" \\
                  org.rlarena.source-sha256="%s"
            WORKDIR /app
            USER 10001:10001
            ENTRYPOINT ["/opt/agent/venv/bin/python", "-I", "-S", "-u", "/opt/arena/harness/harness.py"]
            """
                .formatted("ab".repeat(32)));
  }

  @Test
  void shouldBeNamedAnewForEachTry() {
    assertThat(List.of(name(0), name(1)))
        .containsExactly(
            "build-00000000-0000-0000-0000-0000000000c3-0",
            "build-00000000-0000-0000-0000-0000000000c3-1");
  }

  @ParameterizedTest
  @CsvSource({
    "base-image, registry.example.org/rl-arena/agent:latest",
    "builder-image, registry.example.org/kaniko",
    "registry, https://registry.example.org",
    "registry, Registry",
    "deadline, 20m"
  })
  void shouldNameTheSettingThatCannotBe(String setting, String value) {
    assertThatThrownBy(() -> job(Map.of(setting, value)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(PREFIX + setting);
  }

  @ParameterizedTest
  @ValueSource(strings = {"base-image", "builder-image", "registry"})
  void shouldNameTheSettingThatIsMissing(String setting) {
    assertThatThrownBy(() -> job(Map.of(setting, "")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(PREFIX + setting);
  }

  private static String name(int faults) {
    return new BuildJobs(TestConfig.cluster(Map.of()), TestConfig.build(Map.of()))
        .job(request(faults), TOKEN)
        .getMetadata()
        .getName();
  }

  private static Job job(Map<String, String> settings) {
    Map<String, String> properties = new HashMap<>();
    settings.forEach((name, value) -> properties.put(PREFIX + name, value));
    return new BuildJobs(
            TestConfig.cluster(properties),
            TestConfig.build(
                Map.of("arena.build.pip-arguments", "--index-url=https://pypi.example.org/simple")))
        .job(request(0), TOKEN);
  }

  static Builder.Request request(int faults) {
    return new Builder.Request(
        UUID.fromString("00000000-0000-0000-0000-0000000000d4"),
        UUID.fromString("00000000-0000-0000-0000-0000000000c3"),
        faults,
        UUID.fromString("00000000-0000-0000-0000-0000000000b2"),
        UUID.fromString("00000000-0000-0000-0000-0000000000a1"),
        3,
        2,
        new Source("ab".repeat(32), 1234, "zip"));
  }

  private static void assertGolden(String name, Job job) throws IOException {
    Path file = GOLDEN.resolve(name + ".yaml");
    String yaml = Serialization.asYaml(job);
    if (System.getenv("ARENA_WRITE_GOLDEN") != null) {
      Files.createDirectories(GOLDEN);
      Files.writeString(file, yaml);
    }
    assertThat(yaml).isEqualTo(Files.readString(file));
  }
}
