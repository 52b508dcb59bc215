package org.rlarena.rating;

import io.quarkiverse.resteasy.problem.HttpProblem;
import java.util.Locale;

/** The problems this service answers with; {@code code} is stable, titles are for people. */
public enum RatingError {
  /** The path names an agent that does not exist or was deleted. */
  AGENT_NOT_FOUND(404, "Agent not found"),
  /** An id in the path is not of the form that ids have. */
  INVALID_ID(400, "Not an id"),
  /** A query parameter cannot be read. */
  INVALID_PARAMETER(400, "Not a usable parameter");

  private final int status;
  private final String title;

  RatingError(int status, String title) {
    this.status = status;
    this.title = title;
  }

  /** The code clients tell problems apart by. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The problem to throw.
   *
   * @param detail a sentence that tells the caller what to do
   */
  public HttpProblem because(String detail) {
    return HttpProblem.builder()
        .withStatus(status)
        .withTitle(title)
        .withDetail(detail)
        .with("code", code())
        .build();
  }
}
