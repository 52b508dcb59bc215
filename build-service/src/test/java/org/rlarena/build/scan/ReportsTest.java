package org.rlarena.build.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What scanners print, and what hostile packages may make of it. */
class ReportsTest {

  @Test
  void shouldReadWhatTrivyFound() {
    // When
    Report report = TrivyReport.parse(fixture("trivy.json"), Origins.BUNDLE);

    // Then the same weakness, found twice, counts once
    assertThat(report.scanner()).isEqualTo("trivy");
    assertThat(report.version()).contains("0.74.0");
    assertThat(report.databaseAt()).contains(Instant.parse("2026-11-26T00:27:51.187Z"));
    assertThat(report.findings())
        .containsExactly(
            new Finding(
                "CVE-2026-1001",
                Set.of("GHSA-aaaa-bbbb-cccc"),
                "Tiny_RL",
                "1.0",
                Optional.of("1.1, 2.0"),
                Severity.CRITICAL,
                false),
            new Finding(
                "CVE-2026-1002",
                Set.of(),
                "oldmath",
                "0.3",
                Optional.empty(),
                Severity.HIGH,
                false),
            new Finding(
                "CVE-2026-1003",
                Set.of(),
                "oldmath",
                "0.3",
                Optional.of("0.4"),
                Severity.MEDIUM,
                false));
  }

  @Test
  void shouldReadWhatGrypeFound() {
    // When
    Report report = GrypeReport.parse(fixture("grype.json"), Origins.BUNDLE);

    // Then
    assertThat(report.scanner()).isEqualTo("grype");
    assertThat(report.version()).contains("0.121.2");
    assertThat(report.databaseAt()).contains(Instant.parse("2026-11-25T06:15:42Z"));
    assertThat(report.findings())
        .containsExactly(
            new Finding(
                "GHSA-aaaa-bbbb-cccc",
                Set.of("CVE-2026-1001"),
                "tiny-rl",
                "1.0",
                Optional.of("1.1"),
                Severity.CRITICAL,
                false),
            new Finding(
                "CVE-2026-1002",
                Set.of(),
                "oldmath",
                "0.3",
                Optional.empty(),
                Severity.LOW,
                false));
  }

  @Test
  void shouldTellTheBaseImagesPackagesFromTheAuthors() {
    assertThat(TrivyReport.parse(fixture("trivy-image.json"), Origins.IMAGE).findings())
        .extracting(Finding::packageName, Finding::platform)
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple("libexpat1", true),
            org.assertj.core.groups.Tuple.tuple("pip", true),
            org.assertj.core.groups.Tuple.tuple("oldmath", false),
            org.assertj.core.groups.Tuple.tuple("vendored", false));
  }

  @Test
  void shouldTakeAPackageWithoutAPlaceForTheAuthors() {
    // Given
    String text = fixture("grype.json").replace("\"type\": \"python\"", "\"type\": \"binary\"");

    // When, Then
    assertThat(GrypeReport.parse(text, Origins.IMAGE).findings())
        .filteredOn(finding -> finding.packageName().equals("oldmath"))
        .extracting(Finding::platform)
        .containsExactly(false);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"SchemaVersion\": 2, \"ArtifactName\": \"/scan\"}",
        "{\"SchemaVersion\": 2, \"ArtifactName\": \"/scan\", \"Results\": null}",
        "{\"SchemaVersion\": 2, \"ArtifactName\": \"/scan\", \"Results\": []}",
        "{\"SchemaVersion\": 2, \"ArtifactName\": \"/scan\", \"Results\":"
            + " [{\"Target\": \"Python\", \"Vulnerabilities\": null, \"New\": {}}]}"
      })
  void shouldTakeAReportWithoutFindingsForOne(String text) {
    assertThat(TrivyReport.parse(text, Origins.BUNDLE).findings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   \n",
        "null",
        "[]",
        "{}",
        "\"fine\"",
        "FATAL could not open the database",
        "{\"SchemaVersion\": 2, \"ArtifactName\": \"/scan\", \"Results\": [",
        "{\"SchemaVersion\": 1, \"ArtifactName\": \"/scan\", \"Results\": []}",
        "{\"SchemaVersion\": 2, \"Results\": []}",
        "{\"SchemaVersion\": 2, \"ArtifactName\": \"/scan\", \"Results\": {}}",
        "{\"SchemaVersion\": 2, \"ArtifactName\": \"/scan\", \"Results\": 7}",
        "{\"SchemaVersion\": 2, \"ArtifactName\": \"/scan\", \"Results\":"
            + " [{\"Vulnerabilities\": \"none\"}]}",
        "{\"SchemaVersion\": 2, \"ArtifactName\": \"/scan\", \"Results\":"
            + " [{\"Vulnerabilities\": [{\"PkgName\": \"x\", \"Severity\": \"LOW\"}]}]}",
        "{\"SchemaVersion\": 2, \"ArtifactName\": \"/scan\", \"Results\":"
            + " [{\"Vulnerabilities\": [{\"VulnerabilityID\": \"CVE-1\", \"PkgName\": \"x\"}]}]}",
        "{\"SchemaVersion\": 2, \"ArtifactName\": \"/scan\"} 2026 WARN late words",
        "{\"SchemaVersion\": 2, \"ArtifactName\": \"/scan\", \"SchemaVersion\": 2}"
      })
  void shouldNeverTakeForPassedWhatIsNoReport(String text) {
    assertThatThrownBy(() -> TrivyReport.parse(text, Origins.BUNDLE))
        .isInstanceOf(ScanFailed.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"matches\": null, \"descriptor\": {\"name\": \"grype\"}}",
        "{\"descriptor\": {\"name\": \"grype\"}}",
        "{\"matches\": []}",
        "{\"matches\": [], \"descriptor\": {\"name\": \"other\"}}",
        "{\"matches\": [{}], \"descriptor\": {\"name\": \"grype\"}}",
        "{\"matches\": [], \"descriptor\": {\"name\": \"grype\"}} {}"
      })
  void shouldNeverTakeForPassedWhatIsNoReportOfGrype(String text) {
    assertThatThrownBy(() -> GrypeReport.parse(text, Origins.BUNDLE))
        .isInstanceOf(ScanFailed.class);
  }

  @ParameterizedTest
  @EnumSource(
      value = ScannerKind.class,
      names = {"TRIVY", "GRYPE"})
  void shouldRefuseWhatIsDeepOrLarge(ScannerKind scanner) {
    for (String text :
        List.of("{\"a\":".repeat(100_000), " ".repeat(Reading.MAX_REPORT), "[".repeat(1 << 20))) {
      assertThatThrownBy(() -> scanner.parse(text, Origins.BUNDLE)).isInstanceOf(ScanFailed.class);
    }
  }

  @Test
  void shouldCutAndCleanWhatAPackageNamesItself() {
    // Given
    String name = "evil\\n\\u001b[31mname" + "x".repeat(5000);
    String text = fixture("trivy.json").replace("\"oldmath\"", "\"" + name + "\"");

    // When, Then
    assertThat(TrivyReport.parse(text, Origins.BUNDLE).findings())
        .extracting(Finding::packageName)
        .filteredOn(found -> found.startsWith("evil"))
        .hasSize(2)
        .allSatisfy(
            found ->
                assertThat(found).hasSize(200).startsWith("evil [31mname").doesNotContain("\n"));
  }

  static String fixture(String name) {
    try (var in = ReportsTest.class.getResourceAsStream("/scans/" + name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
