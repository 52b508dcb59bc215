package org.rlarena.auth;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.RequestScoped;

/**
 * From where the current request comes. Only the gateway reaches this service from outside, so its
 * {@code X-Forwarded-For} is believed: the last entry, which the gateway wrote itself.
 */
@RequestScoped
public class CallingClient {

  private static final int MAX_ADDRESS = 45;
  private static final int MAX_USER_AGENT = 200;

  private final CurrentVertxRequest current;

  CallingClient(CurrentVertxRequest current) {
    this.current = current;
  }

  /**
   * A client, as the list of sessions shows it.
   *
   * @param address IP address in text form
   * @param userAgent what the program calls itself, at most 200 characters, may be empty
   */
  public record Seen(String address, String userAgent) {}

  /** The client of this request. */
  public Seen seen() {
    HttpServerRequest request = current.getCurrent().request();
    return new Seen(address(request), userAgent(request.getHeader("User-Agent")));
  }

  private static String address(HttpServerRequest request) {
    String forwarded = request.getHeader("X-Forwarded-For");
    if (forwarded != null && !forwarded.isBlank()) {
      String last = forwarded.substring(forwarded.lastIndexOf(',') + 1).strip();
      return last.length() > MAX_ADDRESS ? last.substring(0, MAX_ADDRESS) : last;
    }
    return request.remoteAddress() == null ? "unknown" : request.remoteAddress().hostAddress();
  }

  private static String userAgent(String header) {
    if (header == null) {
      return "";
    }
    String printable = header.replaceAll("\\p{Cntrl}", "").strip();
    return printable.length() > MAX_USER_AGENT ? printable.substring(0, MAX_USER_AGENT) : printable;
  }
}
