package org.rlarena.match;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.Response.Status;
import java.util.Locale;

/** Everything this service refuses, with the stable {@code code} that clients may rely on. */
public enum MatchError {
  // The caller has to change something.
  INVALID_REQUEST(Status.BAD_REQUEST),
  INVALID_ID(Status.BAD_REQUEST),
  INVALID_PARAMETER(Status.BAD_REQUEST),
  SAME_AGENT(Status.BAD_REQUEST),
  DIFFERENT_ENVIRONMENTS(Status.BAD_REQUEST),
  NO_MATCH_YET(Status.BAD_REQUEST),
  NOT_OWNER(Status.FORBIDDEN),
  UPLOAD_REFUSED(Status.FORBIDDEN),
  MATCH_NOT_FOUND(Status.NOT_FOUND),
  AGENT_NOT_FOUND(Status.NOT_FOUND),
  REPLAY_NOT_AVAILABLE(Status.NOT_FOUND),
  LOG_NOT_AVAILABLE(Status.NOT_FOUND),
  UPLOAD_TOO_LARGE(Status.REQUEST_ENTITY_TOO_LARGE),
  RANGE_NOT_SATISFIABLE(Status.REQUESTED_RANGE_NOT_SATISFIABLE),
  INVALID_UPLOAD(Status.BAD_REQUEST),
  // The state of things says no.
  AGENT_DISABLED(Status.CONFLICT),
  NO_ACTIVE_SUBMISSION(Status.CONFLICT),
  SUBMISSION_UNPLAYABLE(Status.CONFLICT),
  ENVIRONMENT_NOT_OFFERED(Status.CONFLICT),
  MATCH_NOT_OVER(Status.CONFLICT),
  AGENT_DELETED(Status.CONFLICT),
  ATTEMPT_OVER(Status.CONFLICT),
  // Out of capacity, for now.
  TOO_MANY_CHALLENGES(Status.TOO_MANY_REQUESTS),
  NEIGHBOUR_UNAVAILABLE(Status.SERVICE_UNAVAILABLE);

  private final Status status;

  MatchError(Status status) {
    this.status = status;
  }

  /** The code on the wire. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The problem to throw.
   *
   * @param detail a sentence that tells the caller what to do
   */
  public HttpProblem because(String detail) {
    return problem(detail).build();
  }

  /** As {@link #because(String)}, with a {@code Retry-After} of so many seconds. */
  public HttpProblem because(String detail, long retryAfterSeconds) {
    return problem(detail).withHeader("Retry-After", Math.max(1, retryAfterSeconds)).build();
  }

  private HttpProblem.Builder problem(String detail) {
    return HttpProblem.builder()
        .withTitle(status.getReasonPhrase())
        .withStatus(status)
        .withDetail(detail)
        .with("code", code());
  }
}
