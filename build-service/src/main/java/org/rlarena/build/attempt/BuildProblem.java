package org.rlarena.build.attempt;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response.Status;
import java.util.Locale;

/**
 * Every problem this service answers with. The wire {@code code} is the constant's name in lower
 * case and never changes.
 */
enum BuildProblem {
  INVALID_REQUEST(Status.BAD_REQUEST, "Invalid request"),
  NOT_OWNER(Status.FORBIDDEN, "Not the owner"),
  BUILD_LOG_NOT_FOUND(Status.NOT_FOUND, "Build logs not available"),
  SCAN_NOT_FOUND(Status.NOT_FOUND, "Scan not available"),
  SBOM_NOT_FOUND(Status.NOT_FOUND, "Bill of materials not available"),
  SBOM_UNAVAILABLE(Status.SERVICE_UNAVAILABLE, "Bill of materials not available now");

  private final Status status;
  private final String title;

  BuildProblem(Status status, String title) {
    this.status = status;
    this.title = title;
  }

  /** The problem with a sentence that tells the caller what to do. */
  HttpProblem because(String detail) {
    HttpProblem.Builder problem =
        HttpProblem.builder()
            .withTitle(title)
            .withStatus(status)
            .withDetail(detail)
            .with("code", name().toLowerCase(Locale.ROOT));
    if (status == Status.SERVICE_UNAVAILABLE) {
      problem.withHeader(HttpHeaders.RETRY_AFTER, 5);
    }
    return problem.build();
  }
}
