package org.rlarena.build.scan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Trivy's report of schema 2, and behind it what {@code trivy version} says: the report itself does
 * not name the database.
 */
final class TrivyReport {

  private static final int SCHEMA = 2;

  private TrivyReport() {}

  /**
   * @throws ScanFailed if it is not a whole report
   */
  static Report parse(String text, Origins origins) {
    List<JsonNode> documents = Reading.documents(text);
    JsonNode report = documents.getFirst();
    if (report.path("SchemaVersion").asInt() != SCHEMA
        || !report.path("ArtifactName").isTextual()) {
      throw Reading.malformed();
    }
    Findings findings = new Findings();
    for (JsonNode result : Reading.elements(report.path("Results"))) {
      boolean ofSystem = "os-pkgs".equals(result.path("Class").asText());
      for (JsonNode found : Reading.elements(result.path("Vulnerabilities"))) {
        findings.add(finding(found, ofSystem, origins));
      }
    }
    JsonNode version = documents.size() > 1 ? documents.get(1) : report.path("missing");
    return new Report(
        "trivy",
        Reading.optional(version.path("Version"))
            .or(() -> Reading.optional(report.at("/Trivy/Version"))),
        Reading.time(version.at("/VulnerabilityDB/UpdatedAt")),
        findings.all());
  }

  private static Finding finding(JsonNode found, boolean ofSystem, Origins origins) {
    Optional<String> path = Reading.optional(found.path("PkgPath"));
    return new Finding(
        Reading.needed(found.path("VulnerabilityID")),
        aliases(found.path("VendorIDs")),
        Reading.needed(found.path("PkgName")),
        Reading.optional(found.path("InstalledVersion")).orElse("unknown"),
        Reading.optional(found.path("FixedVersion")),
        Severity.of(Reading.needed(found.path("Severity"))),
        ofSystem || origins.isPlatform(path.stream().toList()));
  }

  private static Set<String> aliases(JsonNode ids) {
    Set<String> aliases = new LinkedHashSet<>();
    ids.forEach(id -> Reading.optional(id).ifPresent(aliases::add));
    return aliases;
  }
}
