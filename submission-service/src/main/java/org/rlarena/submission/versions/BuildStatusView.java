package org.rlarena.submission.versions;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.UUID;

/**
 * How far the build of a version is.
 *
 * @param status wire name of the state
 * @param attempt 1 for the first build, one more for each rebuild
 * @param errorMessage why the build failed; only for the owner, otherwise left out
 * @param message the same again, under the name that the web client reads
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BuildStatusView(
    UUID submissionId,
    String status,
    int attempt,
    String errorMessage,
    String message,
    Instant createdAt,
    Instant updatedAt) {

  static BuildStatusView of(Submission submission, boolean owner) {
    String error = owner ? submission.errorMessage().orElse(null) : null;
    return new BuildStatusView(
        submission.id(),
        submission.state().wire(),
        submission.attempt(),
        error,
        error,
        submission.createdAt(),
        submission.updatedAt());
  }
}
