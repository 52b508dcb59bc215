package org.rlarena.gateway.profile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.rlarena.gateway.Parts;
import org.rlarena.gateway.Replies;
import org.rlarena.gateway.Service;
import org.rlarena.gateway.cache.KeptAnswers;

/**
 * {@code GET /api/v1/users/me}: auth-service says who the caller is and must answer; submission-,
 * rating-, agent- and match-service add what they know within the part timeout. What is missing is
 * left out and {@code partial} says so. Asked at most once a second for a token: {@link
 * KeptProfiles}. The user's fields stand in {@code user} and beside it: clients of the reference
 * read both places.
 */
@ApplicationScoped
class ProfileRoute {

  private static final String PATH = "/api/v1/users/me";
  private static final int RECENT_AGENTS = 10;
  private static final CharSequence REVALIDATED = HttpHeaders.createOptimized("private, no-cache");

  private final KeptProfiles kept;
  private final Parts parts;
  private final Replies replies;
  private final ObjectMapper json;

  ProfileRoute(KeptProfiles kept, Parts parts, Replies replies, ObjectMapper json) {
    this.kept = kept;
    this.parts = parts;
    this.replies = replies;
    this.json = json;
  }

  void register(@Observes Router router) {
    router.route(HttpMethod.GET, PATH).handler(this::handle);
    router.route(HttpMethod.HEAD, PATH).handler(this::handle);
  }

  private void handle(RoutingContext context) {
    kept.get(context, () -> ask(context))
        .onSuccess(answer -> answer.send(context, REVALIDATED))
        .onFailure(failure -> parts.fail(context, Service.AUTH, failure));
  }

  private Future<KeptProfiles.Profile> ask(RoutingContext context) {
    Future<ObjectNode> submissions =
        parts.part(context, Service.SUBMISSION, "/api/v1/users/me/submission-stats");
    Future<ObjectNode> ratings =
        parts.part(context, Service.RATING, "/api/v1/users/me/match-stats");
    Future<ObjectNode> agents = parts.part(context, Service.AGENT, "/api/v1/agents/my");
    Future<ObjectNode> matches =
        parts.part(context, Service.MATCH, "/api/v1/users/me/match-history");
    Future<ObjectNode> main = parts.main(context, Service.AUTH, PATH);
    return main.compose(
        answer ->
            answer.get("user") instanceof ObjectNode account
                ? Future.join(submissions, ratings, agents, matches)
                    .transform(
                        all ->
                            Future.succeededFuture(
                                profile(compose(account, submissions, ratings, agents, matches))))
                : Future.failedFuture("no user in the answer"));
  }

  private KeptProfiles.Profile profile(ObjectNode me) {
    return new KeptProfiles.Profile(
        KeptAnswers.Answer.of(replies.bytes(me), "application/json"), me.has("partial"));
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
