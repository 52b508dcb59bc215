package org.rlarena.gateway.statistics;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.rlarena.gateway.Parts;
import org.rlarena.gateway.Replies;
import org.rlarena.gateway.Service;
import org.rlarena.gateway.routing.RouteTable;

/**
 * {@code GET /api/v1/agents/{id}/stats}: rating-service says how the agent did and must answer;
 * matchmaking-service adds when it plays next and how often it may today, within the part timeout.
 * {@code partial} says that this is missing.
 */
@ApplicationScoped
class AgentStatisticsRoute {

  private static final String PATH = "/api/v1/agents/:id/stats";

  private static final String[] OF_MATCHMAKING = {
    "state",
    "canMatch",
    "nextMatchAvailableAt",
    "cooldownUntil",
    "waitingSince",
    "matchesToday",
    "dailyLimit",
    "dailyMatchesRemaining"
  };

  private final RouteTable table;
  private final Parts parts;
  private final Replies replies;

  AgentStatisticsRoute(RouteTable table, Parts parts, Replies replies) {
    this.table = table;
    this.parts = parts;
    this.replies = replies;
  }

  void register(@Observes Router router) {
    router.route(HttpMethod.GET, PATH).handler(this::handle);
    router.route(HttpMethod.HEAD, PATH).handler(this::handle);
  }

  private void handle(RoutingContext context) {
    HttpServerRequest request = context.request();
    if (!(table.decide(request.method(), request.path(), request.query())
        instanceof RouteTable.Forward forward)) {
      context.next(); // says that the id is none
      return;
    }
    Future<ObjectNode> status =
        parts.part(
            context, Service.MATCHMAKING, "/api/v1/matchmaking/agents/" + context.pathParam("id"));
    parts.main(
        context,
        Service.RATING,
        forward.query() == null ? forward.path() : forward.path() + "?" + forward.query(),
        stats -> status.onComplete(known -> replies.send(context, 200, compose(stats, known))));
  }

  private static ObjectNode compose(ObjectNode stats, AsyncResult<ObjectNode> known) {
    if (known.succeeded()) {
      Parts.copy(known.result(), stats, OF_MATCHMAKING);
    } else {
      stats.put("partial", true);
    }
    return stats;
  }
}
