package org.rlarena.auth;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.enterprise.context.ApplicationScoped;
import org.rlarena.problems.UnreadableBody;

/** Gives bodies that cannot be read this service's code. */
@ApplicationScoped
class InvalidBody implements UnreadableBody {

  @Override
  public HttpProblem because(String sentence) {
    return AuthError.INVALID_BODY.because(sentence);
  }
}
