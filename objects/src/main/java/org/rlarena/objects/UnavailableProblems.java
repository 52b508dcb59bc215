package org.rlarena.objects;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkiverse.resteasy.problem.postprocessing.ProblemContext;
import io.quarkiverse.resteasy.problem.postprocessing.ProblemPostProcessor;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * Answers 503 with code {@code storage_unavailable} and {@code Retry-After}, instead of 500, to a
 * request that needed the object store while it was away. The log has the sentence for operators.
 */
@ApplicationScoped
class UnavailableProblems implements ProblemPostProcessor {

  private static final int BEFORE_LOGGING = 110;
  private static final int RETRY_AFTER_SECONDS = 15;

  @Override
  public HttpProblem apply(HttpProblem problem, ProblemContext context) {
    if (problem.getStatusCode() != 500 || !isOfTheStore(context.cause)) {
      return problem;
    }
    return HttpProblem.builder()
        .withStatus(503)
        .withTitle("Service Unavailable")
        .withDetail("What is stored cannot be reached at the moment. Please try again later.")
        .withHeader("Retry-After", RETRY_AFTER_SECONDS)
        .with("code", "storage_unavailable")
        .build();
  }

  @Override
  public int priority() {
    return BEFORE_LOGGING;
  }

  private static boolean isOfTheStore(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof ObjectsUnavailable) {
        return true;
      }
    }
    return false;
  }
}
