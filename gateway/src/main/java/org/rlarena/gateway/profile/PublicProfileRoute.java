package org.rlarena.gateway.profile;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;
import org.rlarena.gateway.Parts;
import org.rlarena.gateway.Replies;
import org.rlarena.gateway.Service;

/**
 * {@code GET /api/v1/users/{username}}: auth-service says who that is and must answer;
 * agent-service adds the agents, best first, within the part timeout. Not in the table of routes,
 * whose paths hold no escapes: names may have spaces and letters of all kinds.
 */
@ApplicationScoped
class PublicProfileRoute {

  private static final String PATH = "/api/v1/users/:username";

  /** What auth-service takes for a name; what is none is not sent there. */
  private static final Pattern NAME =
      Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]{1,48}[\\p{L}\\p{N}._-]");

  /** More than a user may have. */
  private static final int ALL_AGENTS = 100;

  private final Parts parts;
  private final Replies replies;
  private final ObjectMapper json;

  PublicProfileRoute(Parts parts, Replies replies, ObjectMapper json) {
    this.parts = parts;
    this.replies = replies;
    this.json = json;
  }

  void register(@Observes Router router) {
    router.route(HttpMethod.GET, PATH).handler(this::handle);
    router.route(HttpMethod.HEAD, PATH).handler(this::handle);
  }

  private void handle(RoutingContext context) {
    Optional<String> name = name(context);
    if (name.isEmpty()) {
      context.next(); // the caller's own profile, or nothing
      return;
    }
    String path = URLEncoder.encode(name.get(), StandardCharsets.UTF_8).replace("+", "%20");
    parts.main(
        context,
        Service.AUTH,
        "/api/v1/users/" + path,
        answer -> {
          if (answer.get("user") instanceof ObjectNode user) {
            addAgents(context, user);
          } else {
            parts.unavailable(context, Service.AUTH);
          }
        });
  }

  private void addAgents(RoutingContext context, ObjectNode user) {
    String agents = "/api/v1/agents?userId=" + user.path("id").asText() + "&pageSize=" + ALL_AGENTS;
    parts
        .part(context, Service.AGENT, agents)
        .onComplete(
            list -> {
              ObjectNode profile = json.createObjectNode();
              profile.set("user", user);
              if (list.succeeded()) {
                Parts.copy(list.result(), profile, "agents");
                profile.set("totalAgents", list.result().path("total"));
              } else {
                profile.put("partial", true);
              }
              replies.send(context, 200, profile);
            });
  }

  private static Optional<String> name(RoutingContext context) {
    return Optional.ofNullable(context.pathParam("username"))
        .filter(name -> NAME.matcher(name).matches());
  }
}
