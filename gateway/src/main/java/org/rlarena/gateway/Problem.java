package org.rlarena.gateway;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;

/**
 * An error as the gateway answers it: RFC 9457, plus {@code error} and {@code message}, which
 * clients of the reference system read.
 *
 * @param status HTTP status
 * @param title short text for the status
 * @param detail a sentence that tells the user what to do
 * @param instance the path that was asked for
 * @param code stable, snake case
 * @param error the same sentence as detail; for a limit the text that the reference has there
 * @param message the same sentence as detail
 * @param retryAfter seconds to wait, sent as a header too; null for none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Problem(
    int status,
    String title,
    String detail,
    String instance,
    String code,
    String error,
    String message,
    @JsonProperty("retry_after") Integer retryAfter) {

  /** Media type of problems. */
  public static final String MEDIA_TYPE = "application/problem+json";

  private static final int RETRY_SECONDS = 5;

  private static final Map<Integer, Kind> KINDS =
      Map.ofEntries(
          Map.entry(
              400,
              new Kind(
                  "Bad Request",
                  "bad_request",
                  "The request cannot be read; check its syntax and the types of its fields.")),
          Map.entry(401, new Kind("Unauthorized", "unauthorized", "Log in and send the token.")),
          Map.entry(403, new Kind("Forbidden", "forbidden", "You may not do this.")),
          Map.entry(404, new Kind("Not Found", "not_found", "There is nothing at this path.")),
          Map.entry(
              405,
              new Kind(
                  "Method Not Allowed", "method_not_allowed", "This path has no such method.")),
          Map.entry(406, new Kind("Not Acceptable", "not_acceptable", "Accept application/json.")),
          Map.entry(
              408,
              new Kind(
                  "Request Timeout",
                  "request_timeout",
                  "The request body did not arrive in time; send it again.")),
          Map.entry(
              409, new Kind("Conflict", "conflict", "The present state does not allow this.")),
          Map.entry(
              413, new Kind("Content Too Large", "content_too_large", "Send a smaller body.")),
          Map.entry(
              414, new Kind("URI Too Long", "uri_too_long", "Send a shorter path and query.")),
          Map.entry(
              415,
              new Kind(
                  "Unsupported Media Type",
                  "unsupported_media_type",
                  "Send the content type that this path expects.")),
          Map.entry(
              422, new Kind("Unprocessable Content", "unprocessable", "The content is not valid.")),
          Map.entry(
              426, new Kind("Upgrade Required", "upgrade_required", "Open a WebSocket here.")),
          Map.entry(
              429, new Kind("Too Many Requests", "rate_limited", "Wait before you try again.")),
          Map.entry(
              500,
              new Kind("Internal Server Error", "internal_error", "Something failed on our side.")),
          Map.entry(
              503,
              new Kind(
                  "Service Unavailable",
                  "service_unavailable",
                  "This part does not respond at the moment. Try again in a few seconds.")));

  private record Kind(String title, String code, String detail) {}

  /** A problem that says no more than its status does. */
  public static Problem of(int status, String instance) {
    return of(status, kind(status).detail, instance);
  }

  /** A problem with the status's own code. */
  public static Problem of(int status, String detail, String instance) {
    Kind kind = kind(status);
    Integer retryAfter = status == 503 || status == 429 ? RETRY_SECONDS : null;
    return new Problem(status, kind.title, detail, instance, kind.code, detail, detail, retryAfter);
  }

  /** 503 that names the part which does not respond. */
  public static Problem unavailable(Service service, String instance) {
    return of(
        503,
        service.label() + " does not respond at the moment. Try again in a few seconds.",
        instance);
  }

  /** 429 with the seconds after which the next request passes. */
  public static Problem limited(String detail, String instance, int retryAfter) {
    Kind kind = kind(429);
    return new Problem(
        429,
        kind.title,
        detail,
        instance,
        kind.code,
        "Rate limit exceeded",
        detail,
        Math.max(1, retryAfter));
  }

  /** The code of problems that have none of their own. */
  public static String codeOf(int status) {
    return kind(status).code;
  }

  private static Kind kind(int status) {
    Kind known = KINDS.get(status);
    if (known != null) {
      return known;
    }
    return KINDS.get(status >= 500 ? 500 : 400);
  }
}
