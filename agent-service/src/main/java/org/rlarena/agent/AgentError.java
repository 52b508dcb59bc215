package org.rlarena.agent;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.Response.Status;
import java.util.Locale;

/**
 * Every problem this service answers on purpose. The constant's name in lower case is the {@code
 * code} clients may rely on; it never changes its meaning.
 */
public enum AgentError {
  INVALID_BODY(Status.BAD_REQUEST, "Invalid request body"),
  INVALID_NAME(Status.BAD_REQUEST, "Invalid agent name"),
  INVALID_DESCRIPTION(Status.BAD_REQUEST, "Invalid description"),
  INVALID_PARAMETER(Status.BAD_REQUEST, "Invalid query parameter"),
  UNKNOWN_ENVIRONMENT(Status.BAD_REQUEST, "Unknown environment"),
  ACCOUNT_DELETED(Status.UNAUTHORIZED, "Account deleted"),
  NOT_OWNER(Status.FORBIDDEN, "Not your agent"),
  AGENT_NOT_FOUND(Status.NOT_FOUND, "Agent not found"),
  ENVIRONMENT_NOT_FOUND(Status.NOT_FOUND, "Environment not found"),
  ALREADY_DISABLED(Status.CONFLICT, "Disabled already"),
  ALREADY_ENABLED(Status.CONFLICT, "Enabled already"),
  AGENT_LIMIT_REACHED(Status.CONFLICT, "Too many agents");

  private final Status status;
  private final String title;

  AgentError(Status status, String title) {
    this.status = status;
    this.title = title;
  }

  /** The value of the problem's {@code code} member. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The problem to throw.
   *
   * @param detail a sentence that tells the user what to do
   */
  public HttpProblem because(String detail) {
    return HttpProblem.builder()
        .withTitle(title)
        .withStatus(status)
        .withDetail(detail)
        .with("code", code())
        .build();
  }
}
