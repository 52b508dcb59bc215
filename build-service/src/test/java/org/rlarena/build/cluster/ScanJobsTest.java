package org.rlarena.build.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.build.bundle.Bundle;
import org.rlarena.build.scan.ScanConfig;
import org.rlarena.build.scan.Scanner;
import org.rlarena.build.testing.TestConfig;

/** The Jobs of scans, as files beside those of builds; held against Kubernetes' schemas there. */
class ScanJobsTest {

  private static final Path GOLDEN = Path.of("src/test/resources/jobs");
  private static final String DIGEST = "sha256:" + "d".repeat(64);
  private static final String IMAGE = "registry.example.org/scanner@sha256:" + "3".repeat(64);

  @ParameterizedTest
  @ValueSource(strings = {"trivy", "grype"})
  void shouldBeWhatTheScannerNeeds(String scanner) throws IOException {
    assertGolden("scan-" + scanner, job(Map.of("scanner", scanner), Map.of()));
  }

  @Test
  void shouldFollowEverySetting() throws IOException {
    // When
    Job job =
        job(
            Map.of(
                "scanner", "trivy",
                "timeout", "10m",
                "arguments", "--db-repository=mirror.example.org/trivy-db:2",
                "kubernetes.registry-secret", "pull-only",
                "kubernetes.memory", "4Gi",
                "kubernetes.cpu", "2",
                "kubernetes.disk", "20Gi"),
            Map.of(
                "runtime-class", "gvisor",
                "node-selector.\"arena/builds\"", "yes",
                "user-namespace", "true",
                "service-account", "builder",
                "instance", "other",
                "keep", "1h"));

    // Then
    assertGolden("scan-everything", job);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "aquasec/trivy:0.74.0", "aquasec/trivy@sha256:12"})
  void shouldWantTheScannersImageByDigest(String image) {
    assertThatThrownBy(() -> job(Map.of("scanner", "trivy", "kubernetes.image", image), Map.of()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("arena.build.scan.kubernetes.image");
  }

  static ScanConfig config(Map<String, String> settings) {
    Map<String, String> properties = new HashMap<>();
    properties.put("arena.build.scan.kubernetes.image", IMAGE);
    settings.forEach((name, value) -> properties.put("arena.build.scan." + name, value));
    return TestConfig.scan(properties);
  }

  static Scanner.Target target(UUID runId) {
    return new Scanner.Target(
        runId,
        UUID.fromString("00000000-0000-0000-0000-0000000000b2"),
        UUID.fromString("00000000-0000-0000-0000-0000000000a1"),
        new Bundle("bundles/ab.zip", "ab", 12, "3.11", "linux_x86_64"),
        Optional.of(DIGEST));
  }

  private static Job job(Map<String, String> scan, Map<String, String> cluster) {
    Map<String, String> properties = new HashMap<>();
    cluster.forEach((name, value) -> properties.put("arena.build.kubernetes." + name, value));
    return new ScanJobs(TestConfig.cluster(properties), config(scan))
        .job(target(UUID.fromString("00000000-0000-0000-0000-0000000000d4")), DIGEST);
  }

  private static void assertGolden(String name, Job job) throws IOException {
    Path file = GOLDEN.resolve(name + ".yaml");
    String yaml = Serialization.asYaml(job);
    if (System.getenv("ARENA_WRITE_GOLDEN") != null) {
      Files.writeString(file, yaml);
    }
    assertThat(yaml).isEqualTo(Files.readString(file));
  }
}
