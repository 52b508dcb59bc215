package org.rlarena.auth;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.Response.Status;

/** The problems this service answers with, each under a code that never changes. */
public enum AuthError {
  USER_EXISTS("user_exists", Status.CONFLICT),
  INVALID_CREDENTIALS("invalid_credentials", Status.UNAUTHORIZED),
  INVALID_CLIENT("invalid_client", Status.UNAUTHORIZED),
  UNAUTHORIZED_CLIENT("unauthorized_client", Status.FORBIDDEN),
  ACCOUNT_BANNED("account_banned", Status.FORBIDDEN),
  USER_NOT_FOUND("user_not_found", Status.NOT_FOUND),
  WRONG_PASSWORD("wrong_password", Status.FORBIDDEN),
  REFRESH_TOKEN_INVALID("refresh_token_invalid", Status.UNAUTHORIZED),
  REFRESH_TOKEN_REUSED("refresh_token_reused", Status.UNAUTHORIZED),
  REFRESH_SUPERSEDED("refresh_superseded", Status.CONFLICT),
  SESSION_NOT_FOUND("session_not_found", Status.NOT_FOUND),
  API_TOKEN_INVALID("api_token_invalid", Status.UNAUTHORIZED),
  TOKEN_NOT_FOUND("token_not_found", Status.NOT_FOUND),
  TOKEN_LIMIT_REACHED("token_limit_reached", Status.CONFLICT),
  INVALID_SCOPE("invalid_scope", Status.BAD_REQUEST),
  INVALID_LIFETIME("invalid_lifetime", Status.BAD_REQUEST),
  PASSWORD_TOO_COMMON("password_too_common", Status.BAD_REQUEST),
  TOO_MANY_ATTEMPTS("too_many_attempts", Status.TOO_MANY_REQUESTS),
  ALREADY_BANNED("already_banned", Status.CONFLICT),
  NOT_BANNED("not_banned", Status.CONFLICT),
  ROLE_UNCHANGED("role_unchanged", Status.CONFLICT),
  NOT_YOURSELF("not_yourself", Status.CONFLICT),
  INVALID_ROLE("invalid_role", Status.BAD_REQUEST),
  INVALID_PARAMETER("invalid_parameter", Status.BAD_REQUEST),
  INVALID_TEXT("invalid_text", Status.BAD_REQUEST),
  INVALID_BODY("invalid_body", Status.BAD_REQUEST),
  BUSY("busy", Status.SERVICE_UNAVAILABLE);

  private final String code;
  private final Status status;

  AuthError(String code, Status status) {
    this.code = code;
    this.status = status;
  }

  /**
   * The problem with a sentence for the caller.
   *
   * @param sentence what happened and what to do about it
   */
  public HttpProblem because(String sentence) {
    HttpProblem.Builder problem = problem(sentence);
    if (status == Status.SERVICE_UNAVAILABLE) {
      problem.withHeader("Retry-After", "2");
    }
    return problem.build();
  }

  /** As {@link #because(String)}, with a {@code Retry-After} of so many seconds. */
  public HttpProblem because(String sentence, long retryAfterSeconds) {
    return problem(sentence).withHeader("Retry-After", retryAfterSeconds).build();
  }

  private HttpProblem.Builder problem(String sentence) {
    return HttpProblem.builder()
        .withStatus(status)
        .withTitle(status.getReasonPhrase())
        .withDetail(sentence)
        .with("code", code);
  }
}
