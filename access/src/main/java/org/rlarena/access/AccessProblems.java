package org.rlarena.access;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.ForbiddenException;
import io.quarkus.security.UnauthorizedException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * What callers see when they are not let in, or when that cannot be judged for the moment. They go
 * before the mappers of the problem extension, which fail on 401 with this Quarkus version (seen:
 * it reads a field of {@code ChallengeData} that is gone).
 */
class AccessProblems {

  /** The problem extension's stand at 999, and the lowest goes first. */
  private static final int FIRST = 900;

  @ServerExceptionMapper(priority = FIRST)
  Response unauthorized(UnauthorizedException e) {
    return refused("token_required", "Log in and send the token as `Authorization: Bearer ...`.");
  }

  @ServerExceptionMapper(priority = FIRST)
  Response authenticationFailed(AuthenticationFailedException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof KeysUnavailable) {
        return unavailable("token_check_unavailable", "Your token cannot be checked right now.");
      }
    }
    return refused("token_invalid", "Invalid or expired token. Log in again.");
  }

  @ServerExceptionMapper(priority = FIRST)
  Response forbidden(ForbiddenException e) {
    return HttpProblem.builder()
        .withStatus(Status.FORBIDDEN)
        .withTitle(Status.FORBIDDEN.getReasonPhrase())
        .withDetail("Your token does not allow this.")
        .with("code", "forbidden")
        .build()
        .toResponse();
  }

  /** No problem, but the answer of the first time. */
  @ServerExceptionMapper(priority = FIRST)
  Response alreadyAnswered(AlreadyAnswered e) {
    return e.answer();
  }

  @ServerExceptionMapper
  Response keysUnavailable(KeysUnavailable e) {
    return unavailable("token_check_unavailable", "Your token cannot be checked right now.");
  }

  @ServerExceptionMapper
  Response tokenUnavailable(ServiceTokenUnavailable e) {
    return unavailable("neighbour_unavailable", "A part of the suite does not answer right now.");
  }

  private static Response refused(String code, String sentence) {
    return HttpProblem.builder()
        .withStatus(Status.UNAUTHORIZED)
        .withTitle(Status.UNAUTHORIZED.getReasonPhrase())
        .withDetail(sentence)
        .with("code", code)
        .withHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer")
        .build()
        .toResponse();
  }

  private static Response unavailable(String code, String sentence) {
    return HttpProblem.builder()
        .withStatus(Status.SERVICE_UNAVAILABLE)
        .withTitle(Status.SERVICE_UNAVAILABLE.getReasonPhrase())
        .withDetail(sentence + " Try again in a few seconds.")
        .with("code", code)
        .withHeader(HttpHeaders.RETRY_AFTER, "5")
        .build()
        .toResponse();
  }
}
