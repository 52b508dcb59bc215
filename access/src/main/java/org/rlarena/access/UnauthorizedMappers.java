package org.rlarena.access;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.UnauthorizedException;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * What callers without a valid token see. The problem library has mappers for this, but those of
 * version 3.21.0 read a field that Quarkus 3.34 has removed and so end in a 500; these come first.
 */
class UnauthorizedMappers {

  private static final int FIRST = Priorities.USER - 100;

  @ServerExceptionMapper(
      value = {UnauthorizedException.class, AuthenticationFailedException.class},
      priority = FIRST)
  Response unauthorized(SecurityException e) {
    return HttpProblem.builder()
        .withStatus(Response.Status.UNAUTHORIZED)
        .withTitle("Unauthorized")
        .withDetail("Log in and send a valid token in the Authorization header.")
        .with("code", "unauthorized")
        .withHeader("WWW-Authenticate", "Bearer")
        .build()
        .toResponse();
  }
}
