package org.rlarena.problems;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkiverse.resteasy.problem.postprocessing.ProblemContext;
import io.quarkiverse.resteasy.problem.postprocessing.ProblemPostProcessor;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import org.jboss.logging.Logger;

/**
 * Answers 503 with code {@code storage_full} and {@code Retry-After}, instead of 500, to a request
 * that failed because a file could not be written for want of room.
 *
 * <p>A line in the log for each, and no stack trace: with a full disk that would be the next file.
 */
@ApplicationScoped
class StorageFull implements ProblemPostProcessor {

  private static final Logger LOG = Logger.getLogger(StorageFull.class);
  private static final int BEFORE_LOGGING = 110;
  private static final int RETRY_AFTER_SECONDS = 30;

  @Override
  public HttpProblem apply(HttpProblem problem, ProblemContext context) {
    if (problem.getStatusCode() != 500 || !isFull(context.cause)) {
      return problem;
    }
    LOG.warnf("No room for what %s brings: free the disk of the object store", context.path);
    return HttpProblem.builder()
        .withStatus(503)
        .withTitle("Service Unavailable")
        .withDetail("There is no room to store this at the moment. Please try again later.")
        .withHeader("Retry-After", RETRY_AFTER_SECONDS)
        .with("code", "storage_full")
        .build();
  }

  @Override
  public int priority() {
    return BEFORE_LOGGING;
  }

  /** Java has no exception of its own for it: the message is the operating system's. */
  private static boolean isFull(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String message = cause.getMessage();
      if (cause instanceof IOException
          && message != null
          && (message.contains("No space left on device")
              || message.contains("Disk quota exceeded"))) {
        return true;
      }
    }
    return false;
  }
}
