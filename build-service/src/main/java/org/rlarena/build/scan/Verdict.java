package org.rlarena.build.scan;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What came of a scan.
 *
 * @param reason a sentence for the author
 * @param details of the report, if there was one
 */
public record Verdict(ScanStatus status, String reason, Optional<Details> details) {

  static Verdict unavailable(String reason) {
    return new Verdict(ScanStatus.UNAVAILABLE, reason, Optional.empty());
  }

  static Verdict failed(String reason) {
    return new Verdict(ScanStatus.FAILED, reason, Optional.empty());
  }

  /** Counts by severity for events; empty if nothing was judged. */
  public Optional<SeverityCounts> counts() {
    return details.map(Details::counts);
  }

  /**
   * What was found; kept with the build and shown to the agent's owner.
   *
   * @param scanner its name
   * @param version of the scanner
   * @param databaseAt when its database was made
   * @param counts of the author's findings
   * @param platform counts of the base image's findings; null where no image was scanned
   * @param accepted findings that the operator accepts; not counted otherwise
   * @param findings the worst
   */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Details(
      String scanner,
      String version,
      Instant databaseAt,
      SeverityCounts counts,
      SeverityCounts platform,
      int accepted,
      List<KnownWeakness> findings) {}

  /** Findings by severity. */
  @RegisterForReflection
  public record SeverityCounts(
      SeverityCount critical,
      SeverityCount high,
      SeverityCount medium,
      SeverityCount low,
      SeverityCount unknown) {

    static SeverityCounts of(List<Finding> findings) {
      return new SeverityCounts(
          SeverityCount.of(findings, Severity.CRITICAL),
          SeverityCount.of(findings, Severity.HIGH),
          SeverityCount.of(findings, Severity.MEDIUM),
          SeverityCount.of(findings, Severity.LOW),
          SeverityCount.of(findings, Severity.UNKNOWN));
    }
  }

  /**
   * @param total all of this severity
   * @param fixable those that a newer version mends
   */
  @RegisterForReflection
  public record SeverityCount(int total, int fixable) {

    private static SeverityCount of(List<Finding> findings, Severity severity) {
      List<Finding> all = findings.stream().filter(one -> one.severity() == severity).toList();
      int fixable = (int) all.stream().filter(one -> one.fixed().isPresent()).count();
      return new SeverityCount(all.size(), fixable);
    }
  }

  /**
   * One finding.
   *
   * @param fixed first version without it; null if there is none
   * @param platform whether it is in the base image, which authors cannot change
   */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record KnownWeakness(
      String id,
      @JsonProperty("package") String packageName,
      String installed,
      String fixed,
      String severity,
      boolean platform) {

    static KnownWeakness of(Finding finding) {
      return new KnownWeakness(
          finding.id(),
          finding.packageName(),
          finding.installed(),
          finding.fixed().orElse(null),
          finding.severity().wireName(),
          finding.platform());
    }
  }
}
