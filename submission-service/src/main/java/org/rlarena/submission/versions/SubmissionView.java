package org.rlarena.submission.versions;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.submission.agents.Agent;

/**
 * A version as clients see it. Absent values are left out.
 *
 * @param status wire name of the state
 * @param codeUrl where the owner reads the upload; only for the owner
 * @param errorMessage why the build failed; only for the owner
 * @param message the same again, under the name that the web client reads
 * @param retryCount rebuilds so far, 0 to 3
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SubmissionView(
    UUID id,
    UUID agentId,
    String agentName,
    String environmentId,
    int version,
    String status,
    String codeUrl,
    String errorMessage,
    String message,
    int retryCount,
    Instant lastRetryAt,
    boolean isActive,
    Instant createdAt,
    Instant updatedAt) {

  static SubmissionView ofOwner(Agent agent, Submission submission) {
    return of(agent, submission, Optional.of(agent.ownerId()));
  }

  static SubmissionView of(Agent agent, Submission submission, Optional<UUID> caller) {
    boolean owner = caller.filter(agent::isOwnedBy).isPresent();
    String error = owner ? submission.errorMessage().orElse(null) : null;
    return new SubmissionView(
        submission.id(),
        submission.agentId(),
        agent.name(),
        submission.environmentId(),
        submission.version(),
        submission.state().wire(),
        owner ? "/api/v1/submissions/%s/source".formatted(submission.id()) : null,
        error,
        error,
        submission.attempt() - 1,
        submission.lastRetryAt().orElse(null),
        submission.state() == SubmissionState.ACTIVE,
        submission.createdAt(),
        submission.updatedAt());
  }
}
