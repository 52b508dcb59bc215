package org.rlarena.build.scan;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Grype's JSON report, whose descriptor names version and database. */
final class GrypeReport {

  private static final Set<String> SYSTEM_PACKAGES = Set.of("deb", "apk", "rpm", "alpm");

  private GrypeReport() {}

  /**
   * @throws ScanFailed if it is not a whole report
   */
  static Report parse(String text, Origins origins) {
    List<JsonNode> documents = Reading.documents(text);
    JsonNode report = documents.getFirst();
    JsonNode descriptor = report.path("descriptor");
    // always there, also when nothing was found
    if (documents.size() != 1
        || !report.path("matches").isArray()
        || !"grype".equals(descriptor.path("name").asText())) {
      throw Reading.malformed();
    }
    Findings findings = new Findings();
    for (JsonNode match : report.path("matches")) {
      findings.add(finding(match, origins));
    }
    JsonNode database = descriptor.path("db");
    return new Report(
        "grype",
        Reading.optional(descriptor.path("version")),
        // below "status" since version 0.88
        Reading.time(database.at("/status/built")).or(() -> Reading.time(database.path("built"))),
        findings.all());
  }

  private static Finding finding(JsonNode match, Origins origins) {
    JsonNode weakness = match.path("vulnerability");
    JsonNode artifact = match.path("artifact");
    Set<String> aliases = new LinkedHashSet<>();
    for (JsonNode related : Reading.elements(match.path("relatedVulnerabilities"))) {
      Reading.optional(related.path("id")).ifPresent(aliases::add);
    }
    List<String> paths = new ArrayList<>();
    for (JsonNode location : Reading.elements(artifact.path("locations"))) {
      Reading.optional(location.path("path")).ifPresent(paths::add);
    }
    return new Finding(
        Reading.needed(weakness.path("id")),
        aliases,
        Reading.needed(artifact.path("name")),
        Reading.optional(artifact.path("version")).orElse("unknown"),
        fixed(weakness.path("fix")),
        Severity.of(Reading.needed(weakness.path("severity"))),
        SYSTEM_PACKAGES.contains(artifact.path("type").asText()) || origins.isPlatform(paths));
  }

  private static Optional<String> fixed(JsonNode fix) {
    return "fixed".equals(fix.path("state").asText())
        ? Reading.optional(fix.path("versions").path(0)).or(() -> Optional.of("a later version"))
        : Optional.empty();
  }
}
