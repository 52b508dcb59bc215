package org.rlarena.gateway.profile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.rlarena.gateway.Parts;
import org.rlarena.gateway.Replies;
import org.rlarena.gateway.Service;

/**
 * {@code GET /api/v1/users/me}: auth-service says who the caller is and must answer; submission-,
 * rating-, agent- and match-service add what they know within the part timeout. What is missing is
 * left out and {@code partial} says so. The user's fields stand in {@code user} and beside it:
 * clients of the reference read both places.
 */
@ApplicationScoped
class ProfileRoute {

  private static final String PATH = "/api/v1/users/me";
  private static final int RECENT_AGENTS = 10;

  private final Parts parts;
  private final Replies replies;
  private final ObjectMapper json;

  ProfileRoute(Parts parts, Replies replies, ObjectMapper json) {
    this.parts = parts;
    this.replies = replies;
    this.json = json;
  }

  void register(@Observes Router router) {
    router.route(HttpMethod.GET, PATH).handler(this::handle);
    router.route(HttpMethod.HEAD, PATH).handler(this::handle);
  }

  private void handle(RoutingContext context) {
    Future<ObjectNode> submissions =
        parts.part(context, Service.SUBMISSION, "/api/v1/users/me/submission-stats");
    Future<ObjectNode> ratings =
        parts.part(context, Service.RATING, "/api/v1/users/me/match-stats");
    Future<ObjectNode> agents = parts.part(context, Service.AGENT, "/api/v1/agents/my");
    Future<ObjectNode> matches =
        parts.part(context, Service.MATCH, "/api/v1/users/me/match-history");
    parts.main(
        context,
        Service.AUTH,
        PATH,
        answer -> {
          if (answer.get("user") instanceof ObjectNode account) {
            Future.join(submissions, ratings, agents, matches)
                .onComplete(
                    all ->
                        replies.send(
                            context, 200, compose(account, submissions, ratings, agents, matches)));
          } else {
            parts.unavailable(context, Service.AUTH);
          }
        });
  }

  private ObjectNode compose(
      ObjectNode account,
      Future<ObjectNode> submissions,
      Future<ObjectNode> ratings,
      Future<ObjectNode> agents,
      Future<ObjectNode> matches) {
    ObjectNode me = json.createObjectNode();
    me.setAll(account);
    me.set("user", account);
    ObjectNode stats = me.putObject("stats");
    if (submissions.succeeded()) {
      Parts.copy(submissions.result(), stats, "totalSubmissions", "activeAgents");
    }
    if (ratings.succeeded()) {
      Parts.copy(ratings.result(), stats, "totalMatches", "totalWins", "bestRank");
    }
    if (agents.succeeded()) {
      recent(agents.result(), me.putArray("recentAgents"));
    }
    if (matches.succeeded()) {
      Parts.copy(matches.result(), me, "matchHistory");
    }
    if (submissions.failed() || ratings.failed() || agents.failed() || matches.failed()) {
      me.put("partial", true);
    }
    return me;
  }

  /** Newest agents in the words of the reference's profile page. */
  private void recent(JsonNode answer, ArrayNode list) {
    for (JsonNode agent : answer.path("agents")) {
      if (list.size() == RECENT_AGENTS) {
        return;
      }
      ObjectNode entry = list.addObject();
      entry.set("id", agent.path("id"));
      entry.set("name", agent.path("name"));
      entry.put("status", agent.hasNonNull("activeSubmissionId") ? "active" : "inactive");
      entry.set("competition", agent.path("environmentId"));
      entry.set("rank", agent.path("rank"));
    }
  }
}
