package org.rlarena.webhook;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.enterprise.context.ApplicationScoped;
import org.rlarena.problems.UnreadableBody;

/** Gives bodies that cannot be read this service's code. */
@ApplicationScoped
class InvalidBody implements UnreadableBody {

  @Override
  public HttpProblem because(String sentence) {
    return WebhookError.INVALID_BODY.because(sentence);
  }
}
