package org.rlarena.submission;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response.Status;
import java.time.Duration;
import java.util.Locale;

/**
 * Every problem this service answers with. The wire {@code code} is the constant's name in lower
 * case and never changes; the sentence given with each problem says what the caller can do.
 */
public enum SubmissionError {
  INVALID_REQUEST(Status.BAD_REQUEST, "Invalid request"),
  UNSUPPORTED_FILE_TYPE(Status.BAD_REQUEST, "Unsupported file type"),
  EMPTY_FILE(Status.BAD_REQUEST, "Empty file"),
  INVALID_SOURCE(Status.BAD_REQUEST, "Not Python source"),
  UNSAFE_ARCHIVE(Status.BAD_REQUEST, "Unsafe archive"),
  MISSING_ENTRY_POINT(Status.BAD_REQUEST, "Missing entry point"),
  FILE_TOO_LARGE(Status.REQUEST_ENTITY_TOO_LARGE, "File too large"),
  NOT_OWNER(Status.FORBIDDEN, "Not the owner"),
  AGENT_NOT_FOUND(Status.NOT_FOUND, "Agent not found"),
  SUBMISSION_NOT_FOUND(Status.NOT_FOUND, "Submission not found"),
  SOURCE_NOT_FOUND(Status.NOT_FOUND, "Source not found"),
  NO_ACTIVE_SUBMISSION(Status.NOT_FOUND, "No active submission"),
  NOT_ACTIVATABLE(Status.CONFLICT, "Cannot be activated"),
  NOT_REBUILDABLE(Status.CONFLICT, "Cannot be rebuilt"),
  RETRY_LIMIT(Status.CONFLICT, "No rebuild left"),
  AGENT_SERVICE_UNAVAILABLE(Status.SERVICE_UNAVAILABLE, "Agent service unavailable");

  private final Status status;
  private final String title;

  SubmissionError(Status status, String title) {
    this.status = status;
    this.title = title;
  }

  /** The problem with a sentence that tells the caller what to do. */
  public HttpProblem because(String detail) {
    return problem(detail).build();
  }

  /** The same, with a {@code Retry-After} header in whole seconds. */
  public HttpProblem because(String detail, Duration retryAfter) {
    return problem(detail).withHeader(HttpHeaders.RETRY_AFTER, retryAfter.toSeconds()).build();
  }

  /** Stable name of this problem on the wire. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  int status() {
    return status.getStatusCode();
  }

  String title() {
    return title;
  }

  private HttpProblem.Builder problem(String detail) {
    return HttpProblem.builder()
        .withTitle(title)
        .withStatus(status)
        .withDetail(detail)
        .with("code", code());
  }
}
