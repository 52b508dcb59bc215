package org.rlarena.build.attempt;

import com.fasterxml.jackson.annotation.JsonInclude;
import jakarta.annotation.security.RolesAllowed;
import jakarta.transaction.Transactional;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jboss.resteasy.reactive.RestPath;
import org.rlarena.access.Caller;
import org.rlarena.build.log.BuildLogs;
import org.rlarena.build.log.LogPart;
import org.rlarena.build.scan.ScanStatus;

/** What a submission's owner may see of its builds. */
@Path("/api/v1/submissions/{id}")
@RolesAllowed("user")
class BuildResource {

  private final BuildAttempts attempts;
  private final BuildLogs logs;
  private final Caller caller;

  BuildResource(BuildAttempts attempts, BuildLogs logs, Caller caller) {
    this.attempts = attempts;
    this.logs = logs;
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
    return new ScanView(
        id,
        Optional.ofNullable(latest.scan).map(ScanStatus::wireName).orElse("pending"),
        latest.attempt,
        latest.scannedAt);
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
   * @param status pending, passed, findings or unavailable
   * @param scannedAt UTC; left out while pending
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record ScanView(UUID submissionId, String status, int attempt, Instant scannedAt) {}
}
