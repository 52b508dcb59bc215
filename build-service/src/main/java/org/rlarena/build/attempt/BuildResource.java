package org.rlarena.build.attempt;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.annotation.security.RolesAllowed;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.RestPath;
import org.rlarena.access.Caller;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.bundle.Bundle;
import org.rlarena.build.log.BuildLogs;
import org.rlarena.build.log.LogPart;
import org.rlarena.build.sbom.Sboms;
import org.rlarena.build.scan.ScanRecords;
import org.rlarena.build.scan.Verdict;

/** What a submission's owner may see of its builds. */
@Path("/api/v1/submissions/{id}")
@RolesAllowed("user")
class BuildResource {

  private static final Logger LOG = Logger.getLogger(BuildResource.class);

  private final BuildAttempts attempts;
  private final BuildLogs logs;
  private final ScanRecords scans;
  private final Sboms sboms;
  private final Caller caller;

  BuildResource(
      BuildAttempts attempts, BuildLogs logs, ScanRecords scans, Sboms sboms, Caller caller) {
    this.attempts = attempts;
    this.logs = logs;
    this.scans = scans;
    this.sboms = sboms;
    this.caller = caller;
  }

  /**
   * The build log of all attempts, or what was added to it since.
   *
   * @param offset characters that the caller has already; 0 for the whole log
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code build_log_not_found}, {@code
   *     not_owner}, {@code invalid_request}
   */
  @GET
  @Path("build-logs")
  @Transactional
  public BuildLogView buildLogs(
      @RestPath UUID id, @QueryParam("offset") @DefaultValue("0") String offset) {
    long from = offset(offset);
    BuildAttempt latest = ownLatest(id, BuildProblem.BUILD_LOG_NOT_FOUND);
    LogPart part =
        logs.read(id, from)
            .orElseThrow(
                () ->
                    BuildProblem.BUILD_LOG_NOT_FOUND.because(
                        "The build has not started yet. Ask again in a moment."));
    return new BuildLogView(
        id,
        latest.state.publicName(),
        part.text(),
        latest.updatedAt.isAfter(part.writtenAt()) ? latest.updatedAt : part.writtenAt(),
        latest.attempt,
        part.end());
  }

  /**
   * What the scanner said of the latest attempt.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code scan_not_found}, {@code not_owner}
   */
  @GET
  @Path("scan")
  @Transactional
  public ScanView scan(@RestPath UUID id) {
    BuildAttempt latest = ownLatest(id, BuildProblem.SCAN_NOT_FOUND);
    return scans
        .find(latest.id)
        .map(recorded -> ScanView.of(latest, recorded))
        .orElseGet(() -> ScanView.without(latest));
  }

  /**
   * What the latest bundle is made of, as CycloneDX.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code sbom_not_found}, {@code not_owner},
   *     {@code sbom_unavailable}
   */
  @GET
  @Path("sbom")
  @Produces("application/vnd.cyclonedx+json")
  @Transactional
  public Response sbom(@RestPath UUID id) {
    BuildAttempt latest = ownLatest(id, BuildProblem.SBOM_NOT_FOUND);
    Bundle bundle =
        latest
            .bundle()
            .orElseThrow(
                () ->
                    BuildProblem.SBOM_NOT_FOUND.because(
                        "The latest build has made no bundle. Ask again once it has, or ask for a"
                            + " rebuild if it failed."));
    try {
      return Response.ok(sboms.of(bundle))
          .header(
              HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"%s.cdx.json\"".formatted(id))
          .build();
    } catch (PlatformFault fault) {
      LOG.warnf(fault, "No bill of materials, submissionId=%s", id);
      throw BuildProblem.SBOM_UNAVAILABLE.because(fault.getMessage() + " Ask again in a moment.");
    }
  }

  private BuildAttempt ownLatest(UUID submissionId, BuildProblem missing) {
    BuildAttempt latest =
        attempts
            .latest(submissionId)
            .orElseThrow(
                () ->
                    missing.because(
                        "Nothing is known of such a build yet. Check the id, or ask again in a"
                            + " moment if you have just uploaded it."));
    if (!latest.ownerId.equals(caller.userId())) {
      throw BuildProblem.NOT_OWNER.because("Only the agent's owner may see its builds.");
    }
    return latest;
  }

  private static long offset(String text) {
    try {
      long offset = Long.parseLong(text);
      if (offset >= 0) {
        return offset;
      }
    } catch (NumberFormatException e) {
      // answered below
    }
    throw BuildProblem.INVALID_REQUEST.because("offset must be a whole number, 0 or more.");
  }

  /**
   * @param status of the latest attempt, in the words of a submission's status
   * @param buildLog all attempts, or what follows the asked offset
   * @param updatedAt when the build last did something, UTC
   * @param nextOffset offset to ask with for what will be added
   */
  record BuildLogView(
      UUID submissionId,
      String status,
      String buildLog,
      Instant updatedAt,
      int attempt,
      long nextOffset) {}

  /**
   * @param status pending, passed, blocked, unavailable or failed; only passed and blocked are a
   *     scanner's verdict
   * @param reason a sentence for the author
   * @param scannedAt UTC; left out while pending
   * @param scanner its name, if one has judged; so for all that follows
   * @param version of the scanner
   * @param databaseAt when its database was made, UTC
   * @param counts the author's findings by severity
   * @param platform the base image's, where an image was scanned
   * @param accepted findings that the operator accepts; not counted otherwise
   * @param findings the worst
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ScanView(
      UUID submissionId,
      String status,
      int attempt,
      String reason,
      Instant scannedAt,
      String scanner,
      String version,
      Instant databaseAt,
      Verdict.SeverityCounts counts,
      Verdict.SeverityCounts platform,
      Integer accepted,
      List<Verdict.KnownWeakness> findings) {

    static ScanView of(BuildAttempt attempt, ScanRecords.Recorded recorded) {
      Verdict verdict = recorded.verdict();
      Verdict.Details found = verdict.details().orElse(null);
      String status = verdict.status().wireName();
      return found == null
          ? without(attempt, status, verdict.reason(), recorded.scannedAt())
          : new ScanView(
              attempt.submissionId,
              status,
              attempt.attempt,
              verdict.reason(),
              recorded.scannedAt(),
              found.scanner(),
              found.version(),
              found.databaseAt(),
              found.counts(),
              found.platform(),
              found.accepted(),
              found.findings());
    }

    /** Not scanned yet, or by a version that kept nothing but a word. */
    static ScanView without(BuildAttempt attempt) {
      String status = attempt.scan == null ? "pending" : attempt.scan.toLowerCase(Locale.ROOT);
      return without(attempt, status, null, attempt.scannedAt);
    }

    private static ScanView without(
        BuildAttempt attempt, String status, String reason, Instant scannedAt) {
      return new ScanView(
          attempt.submissionId,
          status,
          attempt.attempt,
          reason,
          scannedAt,
          null,
          null,
          null,
          null,
          null,
          null,
          null);
    }
  }
}
