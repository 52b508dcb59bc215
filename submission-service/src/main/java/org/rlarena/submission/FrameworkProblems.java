package org.rlarena.submission;

import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkiverse.resteasy.problem.postprocessing.ProblemContext;
import io.quarkiverse.resteasy.problem.postprocessing.ProblemPostProcessor;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Puts right what the framework says about refused requests: a multipart body that it cannot parse
 * is the caller's mistake and no 500, and every problem carries a {@code code}.
 */
@ApplicationScoped
class FrameworkProblems implements ProblemPostProcessor {

  private static final int BEFORE_LOGGING = 120;

  @Override
  public HttpProblem apply(HttpProblem problem, ProblemContext context) {
    if (problem.getStatusCode() == 500 && isTooLarge(context.cause)) {
      return SubmissionError.FILE_TOO_LARGE.because("The request is too large.");
    }
    if (problem.getStatusCode() == 500 && isMalformedForm(context.cause)) {
      return SubmissionError.INVALID_REQUEST.because(
          "The multipart body cannot be read to its end. Send the fields agentId and file.");
    }
    if (problem.getParameters().containsKey("code") || problem.getTitle() == null) {
      return problem;
    }
    return HttpProblem.builder(problem)
        .with("code", problem.getTitle().toLowerCase(Locale.ROOT).replace(' ', '_'))
        .build();
  }

  @Override
  public int priority() {
    return BEFORE_LOGGING;
  }

  private static boolean isTooLarge(Throwable cause) {
    return "Request too large".equals(cause.getMessage());
  }

  /**
   * The parser has no exception type of its own for most of this; its message tells it from a full
   * disk, which is no fault of the caller.
   */
  private static boolean isMalformedForm(Throwable cause) {
    String message = Objects.requireNonNullElse(cause.getMessage(), "");
    return cause.getClass().getSimpleName().equals("MalformedMessageException")
        || Stream.of("Connection terminated parsing multipart", "Param limit of")
            .anyMatch(message::startsWith);
  }
}
