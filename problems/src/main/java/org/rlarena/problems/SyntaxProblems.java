package org.rlarena.problems;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkiverse.resteasy.problem.postprocessing.ProblemContext;
import io.quarkiverse.resteasy.problem.postprocessing.ProblemPostProcessor;
import jakarta.enterprise.context.ApplicationScoped;

/** What is no JSON at all: the framework has wrapped the parser's exception by then. */
@ApplicationScoped
class SyntaxProblems implements ProblemPostProcessor {

  private static final int BEFORE_LOGGING = 120;

  private final UnreadableBody unreadableBody;

  SyntaxProblems(UnreadableBody unreadableBody) {
    this.unreadableBody = unreadableBody;
  }

  @Override
  public HttpProblem apply(HttpProblem problem, ProblemContext context) {
    return problem.getStatusCode() == 400
            && context.cause.getCause() instanceof JsonProcessingException
        ? unreadableBody.because(JsonProblems.NO_OBJECT)
        : problem;
  }

  @Override
  public int priority() {
    return BEFORE_LOGGING;
  }
}
