package org.rlarena.webhook;

import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.Response.Status;
import java.util.Locale;

/**
 * Every problem this service answers on purpose. The constant's name in lower case is the {@code
 * code} clients may rely on; it never changes its meaning.
 */
public enum WebhookError {
  INVALID_BODY(Status.BAD_REQUEST, "Invalid request body"),
  INVALID_URL(Status.BAD_REQUEST, "Invalid URL"),
  INVALID_EVENTS(Status.BAD_REQUEST, "Invalid events"),
  INVALID_DESCRIPTION(Status.BAD_REQUEST, "Invalid description"),
  INVALID_PARAMETER(Status.BAD_REQUEST, "Invalid query parameter"),
  ACCOUNT_DELETED(Status.UNAUTHORIZED, "Account deleted"),
  WEBHOOK_NOT_FOUND(Status.NOT_FOUND, "Webhook not found"),
  DELIVERY_NOT_FOUND(Status.NOT_FOUND, "Delivery not found"),
  WEBHOOK_LIMIT_REACHED(Status.CONFLICT, "Too many webhooks"),
  WEBHOOK_DISABLED(Status.CONFLICT, "Webhook disabled"),
  DELIVERY_UNDER_WAY(Status.CONFLICT, "Delivery under way");

  private final Status status;
  private final String title;

  WebhookError(Status status, String title) {
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
