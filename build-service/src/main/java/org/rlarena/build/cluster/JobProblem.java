package org.rlarena.build.cluster;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response.Status;
import java.util.Locale;

/** What the steps of a Job are answered when something is wrong. The codes never change. */
enum JobProblem {
  INVALID_BUILD_TOKEN(Status.UNAUTHORIZED, "Invalid build token"),
  INVALID_DIGEST(Status.BAD_REQUEST, "Invalid digest"),
  PACKAGES_TOO_LARGE(Status.REQUEST_ENTITY_TOO_LARGE, "Packages too large"),
  SOURCE_GONE(Status.NOT_FOUND, "Upload gone"),
  SOURCE_UNAVAILABLE(Status.SERVICE_UNAVAILABLE, "Upload not available");

  private final Status status;
  private final String title;

  JobProblem(Status status, String title) {
    this.status = status;
    this.title = title;
  }

  HttpProblem because(String detail) {
    HttpProblem.Builder problem =
        HttpProblem.builder()
            .withTitle(title)
            .withStatus(status)
            .withDetail(detail)
            .with("code", name().toLowerCase(Locale.ROOT));
    if (status == Status.UNAUTHORIZED) {
      problem.withHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    if (status == Status.SERVICE_UNAVAILABLE) {
      problem.withHeader(HttpHeaders.RETRY_AFTER, 5);
    }
    return problem.build();
  }
}
