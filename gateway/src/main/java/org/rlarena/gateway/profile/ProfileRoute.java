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
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.rlarena.gateway.GatewayConfig;
import org.rlarena.gateway.Problem;
import org.rlarena.gateway.Replies;
import org.rlarena.gateway.RequestIds;
import org.rlarena.gateway.Service;
import org.rlarena.gateway.Upstreams;

/**
 * {@code GET /api/v1/users/me}: auth-service says who the caller is and must answer; submission-,
 * rating- and agent-service add what they know within the part timeout. What is missing is left out
 * and {@code partial} says so. The user's fields stand in {@code user} and beside it: clients of
 * the reference read both places.
 */
@ApplicationScoped
class ProfileRoute {

  private static final String PATH = "/api/v1/users/me";
  private static final int RECENT_AGENTS = 10;

  private final Upstreams upstreams;
  private final Replies replies;
  private final ObjectMapper json;
  private final Duration accountTimeout;
  private final Duration partTimeout;

  ProfileRoute(Upstreams upstreams, Replies replies, ObjectMapper json, GatewayConfig config) {
    this.upstreams = upstreams;
    this.replies = replies;
    this.json = json;
    this.accountTimeout = config.accountTimeout();
    this.partTimeout = config.partTimeout();
  }

  void register(@Observes Router router) {
    router.route(HttpMethod.GET, PATH).handler(this::handle);
    router.route(HttpMethod.HEAD, PATH).handler(this::handle);
  }

  private void handle(RoutingContext context) {
    Future<Upstreams.Answer> user = ask(context, Service.AUTH, PATH, accountTimeout);
    Future<JsonNode> submissions =
        part(context, Service.SUBMISSION, "/api/v1/users/me/submission-stats");
    Future<JsonNode> matches = part(context, Service.RATING, "/api/v1/users/me/match-stats");
    Future<JsonNode> agents = part(context, Service.AGENT, "/api/v1/agents/my");
    user.onFailure(
            failure ->
                replies.send(context, Problem.unavailable(Service.AUTH, context.request().path())))
        .onSuccess(
            answer -> {
              Optional<JsonNode> account = account(answer);
              if (account.isEmpty()) {
                refuse(context, answer);
                return;
              }
              Future.join(submissions, matches, agents)
                  .onComplete(
                      all ->
                          replies.send(
                              context, 200, compose(account.get(), submissions, matches, agents)));
            });
  }

  private ObjectNode compose(
      JsonNode account,
      Future<JsonNode> submissions,
      Future<JsonNode> matches,
      Future<JsonNode> agents) {
    ObjectNode me = json.createObjectNode();
    me.setAll((ObjectNode) account);
    me.set("user", account);
    ObjectNode stats = me.putObject("stats");
    if (submissions.succeeded()) {
      copy(submissions.result(), stats, "totalSubmissions", "activeAgents");
    }
    if (matches.succeeded()) {
      copy(matches.result(), stats, "totalMatches", "totalWins", "bestRank");
    }
    if (agents.succeeded()) {
      recent(agents.result(), me.putArray("recentAgents"));
    }
    me.putArray("matchHistory");
    if (submissions.failed() || matches.failed() || agents.failed()) {
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

  private void refuse(RoutingContext context, Upstreams.Answer answer) {
    if (answer.status() < 400) {
      replies.send(context, Problem.unavailable(Service.AUTH, context.request().path()));
      return;
    }
    for (String name : new String[] {"WWW-Authenticate", "Retry-After"}) {
      if (answer.headers().contains(name)) {
        context.response().putHeader(name, answer.headers().get(name));
      }
    }
    replies.sendError(context, answer.status(), answer.body());
  }

  private Optional<JsonNode> account(Upstreams.Answer answer) {
    return answer.status() == 200
        ? object(answer).map(body -> body.path("user")).filter(JsonNode::isObject)
        : Optional.empty();
  }

  private Future<JsonNode> part(RoutingContext context, Service service, String uri) {
    return ask(context, service, uri, partTimeout)
        .compose(
            answer ->
                object(answer)
                    .filter(body -> answer.status() == 200)
                    .map(Future::succeededFuture)
                    .orElseGet(() -> Future.failedFuture("status " + answer.status())));
  }

  private Future<Upstreams.Answer> ask(
      RoutingContext context, Service service, String uri, Duration timeout) {
    String authorization = context.request().getHeader("Authorization");
    Map<String, String> headers = new HashMap<>(RequestIds.of(context));
    if (authorization != null) {
      headers.put("Authorization", authorization);
    }
    return upstreams.fetch(service, uri, headers, timeout);
  }

  private Optional<JsonNode> object(Upstreams.Answer answer) {
    try {
      return Optional.ofNullable(json.readTree(answer.body().getBytes()))
          .filter(JsonNode::isObject);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static void copy(JsonNode from, ObjectNode to, String... names) {
    for (String name : names) {
      if (from.hasNonNull(name)) {
        to.set(name, from.get(name));
      }
    }
  }
}
