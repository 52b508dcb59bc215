package org.rlarena.gateway.proxy;

import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.rlarena.gateway.openapi.Description;

/**
 * The {@code Allow} header of a 405 (RFC 9110 section 15.5.6): what the description of the API has
 * at the path. Services do not send it, and the gateway knows paths rather than methods.
 */
@ApplicationScoped
class AllowHeader {

  private final Description description;

  AllowHeader(Description description) {
    this.description = description;
  }

  /** The methods described for the path of a request; none when it is not described. */
  Future<Set<String>> methods(RoutingContext context) {
    return description.methodsOf(context.request().path()).otherwise(Set.of());
  }

  /** Sets the header; {@code OPTIONS} is answered everywhere. */
  static void put(RoutingContext context, Set<String> methods) {
    List<String> allowed = new ArrayList<>(methods);
    if (methods.contains("GET") && !methods.contains("HEAD")) {
      allowed.add("HEAD");
    }
    allowed.add("OPTIONS");
    context.response().putHeader(HttpHeaders.ALLOW, String.join(", ", allowed));
  }
}
