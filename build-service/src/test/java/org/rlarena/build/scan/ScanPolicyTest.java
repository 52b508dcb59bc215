package org.rlarena.build.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.build.testing.TestConfig;

class ScanPolicyTest {

  private static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

  @TempDir Path folder;

  @Test
  void shouldBlockWhatIsCriticalAndCanBeMended() {
    // When
    Verdict verdict = judge("trivy.json", Origins.BUNDLE, Map.of());

    // Then
    assertThat(verdict.status()).isEqualTo(ScanStatus.BLOCKED);
    assertThat(verdict.reason())
        .isEqualTo(
            "The security scan found what may not play: CVE-2026-1001 (critical) in Tiny_RL 1.0,"
                + " mended in 1.1, 2.0.");
    assertThat(verdict.counts())
        .contains(
            new Verdict.SeverityCounts(
                new Verdict.SeverityCount(1, 1),
                new Verdict.SeverityCount(1, 0),
                new Verdict.SeverityCount(1, 1),
                new Verdict.SeverityCount(0, 0),
                new Verdict.SeverityCount(0, 0)));
    assertThat(verdict.details().orElseThrow().platform()).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    // fixable, any, outcome
    "critical, none, BLOCKED",
    "none, none, PASSED",
    "none, critical, BLOCKED",
    "none, high, BLOCKED",
    "none, low, BLOCKED",
    "medium, none, BLOCKED",
  })
  void shouldBlockFromTheThresholdsOn(String fixable, String any, ScanStatus outcome) {
    assertThat(
            judge("trivy.json", Origins.BUNDLE, Map.of("block-fixable", fixable, "block-any", any))
                .status())
        .isEqualTo(outcome);
  }

  @ParameterizedTest
  @CsvSource({"critical, PASSED", "high, BLOCKED"})
  void shouldBlockWhatCannotBeMendedOnlyWhereAsked(String any, ScanStatus outcome)
      throws IOException {
    // Given
    Path file = ignoring("[{\"id\": \"CVE-2026-1001\", \"reason\": \"not reached\"}]");

    // When, Then
    assertThat(
            judge(
                    "trivy.json",
                    Origins.BUNDLE,
                    Map.of("block-any", any, "ignore-file", file.toString()))
                .status())
        .isEqualTo(outcome);
  }

  @Test
  void shouldCountTheBaseImageApartAndNotBlockTheAuthorForIt() {
    // When
    Verdict verdict = judge("trivy-image.json", Origins.IMAGE, Map.of());

    // Then
    assertThat(verdict.status()).isEqualTo(ScanStatus.PASSED);
    Verdict.Details details = verdict.details().orElseThrow();
    assertThat(details.counts().critical()).isEqualTo(new Verdict.SeverityCount(0, 0));
    assertThat(details.counts().high()).isEqualTo(new Verdict.SeverityCount(1, 1));
    assertThat(details.platform().critical()).isEqualTo(new Verdict.SeverityCount(2, 2));
    assertThat(judge("trivy-image.json", Origins.IMAGE, Map.of("block-platform", "true")).status())
        .isEqualTo(ScanStatus.BLOCKED);
  }

  @Test
  void shouldKeepTheWorst() {
    assertThat(
            judge("trivy.json", Origins.BUNDLE, Map.of("findings", "2"))
                .details()
                .orElseThrow()
                .findings())
        .extracting(Verdict.KnownWeakness::id)
        .containsExactly("CVE-2026-1001", "CVE-2026-1002");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'id': 'CVE-2026-1001', 'reason': 'r'}|PASSED",
        "{'id': 'cve-2026-1001', 'package': 'tiny-rl', 'reason': 'r'}|PASSED",
        "{'id': 'GHSA-aaaa-bbbb-cccc', 'reason': 'r'}|PASSED",
        "{'id': 'CVE-2026-1001', 'until': '2026-11-26', 'reason': 'r'}|PASSED",
        "{'id': 'CVE-2026-1001', 'until': '2026-11-25', 'reason': 'r'}|BLOCKED",
        "{'id': 'CVE-2026-1001', 'package': 'oldmath', 'reason': 'r'}|BLOCKED",
        "{'id': 'CVE-2026-100', 'reason': 'r'}|BLOCKED",
      })
  void shouldAcceptWhatTheIgnoreFileNames(String rule, ScanStatus outcome) throws IOException {
    // Given
    Path file = ignoring("[" + rule.replace('\'', '"') + "]");

    // When
    Verdict verdict = judge("trivy.json", Origins.BUNDLE, Map.of("ignore-file", file.toString()));

    // Then
    assertThat(verdict.status()).isEqualTo(outcome);
    assertThat(verdict.details().orElseThrow().accepted())
        .isEqualTo(outcome == ScanStatus.PASSED ? 1 : 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[{\"id\": \"CVE-1\"}]",
        "[{\"id\": \"CVE-1\", \"reason\": \" \"}]",
        "[{\"reason\": \"r\"}]",
        "[{\"id\": \"CVE-1\", \"reason\": \"r\", \"untill\": \"2026-01-01\"}]",
        "[{\"id\": \"CVE-1\", \"reason\": \"r\", \"until\": \"soon\"}]",
        "[] []"
      })
  void shouldRefuseAnIgnoreFileThatIsWrong(String content) throws IOException {
    // Given
    Path file = ignoring(content);

    // When, Then
    assertThatThrownBy(() -> new ScanPolicy(config(Map.of("ignore-file", file.toString()))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("arena.build.scan.ignore-file");
  }

  @Test
  void shouldRefuseAnIgnoreFileThatIsMissing() {
    assertThatThrownBy(
            () ->
                new ScanPolicy(config(Map.of("ignore-file", folder.resolve("missing").toString()))))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("arena.build.scan.ignore-file");
  }

  @ParameterizedTest
  @CsvSource({"1h, FAILED", "13h, BLOCKED"})
  void shouldNotTrustAnOldDatabase(String age, ScanStatus outcome) {
    assertThat(judge("trivy.json", Origins.BUNDLE, Map.of("max-database-age", age)).status())
        .isEqualTo(outcome);
  }

  @Test
  void shouldNotTrustADatabaseThatDoesNotTellItsAge() {
    // Given
    Report report = new Report("trivy", Optional.empty(), Optional.empty(), List.of());

    // When, Then
    assertThat(
            new ScanPolicy(config(Map.of("max-database-age", "10d")))
                .judge(report, Origins.BUNDLE, NOW)
                .status())
        .isEqualTo(ScanStatus.FAILED);
    assertThat(new ScanPolicy(config(Map.of())).judge(report, Origins.BUNDLE, NOW).status())
        .isEqualTo(ScanStatus.PASSED);
  }

  private Path ignoring(String content) throws IOException {
    return Files.writeString(folder.resolve("ignore.json"), content);
  }

  private static Verdict judge(String fixture, Origins origins, Map<String, String> settings) {
    return new ScanPolicy(config(settings))
        .judge(TrivyReport.parse(ReportsTest.fixture(fixture), origins), origins, NOW);
  }

  private static ScanConfig config(Map<String, String> settings) {
    Map<String, String> properties = new HashMap<>();
    settings.forEach((name, value) -> properties.put("arena.build.scan." + name, value));
    return TestConfig.scan(properties);
  }
}
