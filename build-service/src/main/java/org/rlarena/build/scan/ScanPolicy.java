package org.rlarena.build.scan;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Which findings may not play: the operator's settings, applied to a report. */
final class ScanPolicy {

  private static final int NAMED = 3;

  private final ScanConfig.Threshold blockFixable;
  private final ScanConfig.Threshold blockAny;
  private final boolean blockPlatform;
  private final Optional<Duration> maxDatabaseAge;
  private final int kept;
  private final AcceptedFindings accepted;

  /**
   * @throws IllegalStateException if the ignore file is wrong
   */
  ScanPolicy(ScanConfig config) {
    this.blockFixable = config.blockFixable();
    this.blockAny = config.blockAny();
    this.blockPlatform = config.blockPlatform();
    this.maxDatabaseAge = config.maxDatabaseAge();
    this.kept = config.findings();
    this.accepted =
        config.ignoreFile().map(AcceptedFindings::read).orElseGet(AcceptedFindings::none);
  }

  Verdict judge(Report report, Origins origins, Instant now) {
    if (isTooOld(report, now)) {
      return Verdict.failed("The scanner's database is too old, or does not tell its age.");
    }
    List<Finding> counted =
        report.findings().stream().filter(finding -> !accepted.accepts(finding, now)).toList();
    List<Finding> blocking = counted.stream().filter(this::blocks).toList();
    Verdict.Details details =
        new Verdict.Details(
            report.scanner(),
            report.version().orElse(null),
            report.databaseAt().orElse(null),
            counts(counted, finding -> !finding.platform()),
            origins == Origins.IMAGE ? counts(counted, Finding::platform) : null,
            report.findings().size() - counted.size(),
            counted.stream().limit(kept).map(Verdict.KnownWeakness::of).toList());
    return blocking.isEmpty()
        ? new Verdict(ScanStatus.PASSED, passed(counted), Optional.of(details))
        : new Verdict(ScanStatus.BLOCKED, blocked(blocking), Optional.of(details));
  }

  /** A report on yesterday's knowledge is none, where the operator says so. */
  private boolean isTooOld(Report report, Instant now) {
    return maxDatabaseAge
        .filter(age -> report.databaseAt().map(made -> made.plus(age).isBefore(now)).orElse(true))
        .isPresent();
  }

  private boolean blocks(Finding finding) {
    boolean isBad =
        blockAny.isReachedBy(finding.severity())
            || (finding.fixed().isPresent() && blockFixable.isReachedBy(finding.severity()));
    return isBad && (blockPlatform || !finding.platform());
  }

  private static Verdict.SeverityCounts counts(List<Finding> findings, Predicate<Finding> which) {
    return Verdict.SeverityCounts.of(findings.stream().filter(which).toList());
  }

  private static String passed(List<Finding> findings) {
    return switch (findings.size()) {
      case 0 -> "Nothing was found.";
      case 1 -> "One finding, which does not keep it from playing.";
      default -> "%d findings, none of which keeps it from playing.".formatted(findings.size());
    };
  }

  private static String blocked(List<Finding> findings) {
    String named =
        findings.stream().limit(NAMED).map(ScanPolicy::named).collect(Collectors.joining("; "));
    String others =
        findings.size() > NAMED ? "; and %d more".formatted(findings.size() - NAMED) : "";
    return "The security scan found what may not play: %s%s.".formatted(named, others);
  }

  private static String named(Finding finding) {
    return "%s (%s) in %s %s, %s"
        .formatted(
            finding.id(),
            finding.severity().wireName(),
            finding.packageName(),
            finding.installed(),
            finding.fixed().map(version -> "mended in " + version).orElse("not mended yet"));
  }
}
