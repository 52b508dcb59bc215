package org.rlarena.gateway.routing;

import static org.rlarena.gateway.Service.AGENT;
import static org.rlarena.gateway.Service.AUTH;
import static org.rlarena.gateway.Service.BUILD;
import static org.rlarena.gateway.Service.MATCH;
import static org.rlarena.gateway.Service.MATCHMAKING;
import static org.rlarena.gateway.Service.RATING;
import static org.rlarena.gateway.Service.SUBMISSION;
import static org.rlarena.gateway.Service.WEBHOOK;

import io.vertx.core.http.HttpMethod;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.rlarena.gateway.Service;
import org.rlarena.gateway.routing.Route.Fit;

/**
 * Every public path that a service answers; the first row that fits counts. What is in no row does
 * not exist: {@code /internal} and {@code /q} of a service cannot be reached, because no row names
 * them. Paths that the gateway answers itself are not in here.
 */
@ApplicationScoped
public class RouteTable {

  private static final Set<HttpMethod> METHODS =
      Set.of(
          HttpMethod.GET,
          HttpMethod.HEAD,
          HttpMethod.POST,
          HttpMethod.PUT,
          HttpMethod.PATCH,
          HttpMethod.DELETE);

  /** Names the reference's web page asks replays of while there is no match. */
  private static final Set<String> NO_MATCH_YET = Set.of("undefined", "match_undefined");

  private static final List<Route> ROUTES =
      List.of(
          Route.to(AUTH, "/.well-known/jwks.json").readOnly(),
          Route.to(AUTH, "/api/v1/auth/**"),
          Route.to(AUTH, "/api/v1/users/me"),
          Route.to(AUTH, "/api/v1/users/me/password"),
          Route.to(AUTH, "/api/v1/users/me/email"),
          Route.to(AUTH, "/api/v1/users/me/username"),
          Route.to(AUTH, "/api/v1/users/me/sessions"),
          Route.to(AUTH, "/api/v1/users/me/sessions/{uuid}"),
          Route.to(AUTH, "/api/v1/users/me/tokens"),
          Route.to(AUTH, "/api/v1/users/me/tokens/{uuid}"),
          Route.to(AGENT, "/api/v1/agents"),
          Route.to(AGENT, "/api/v1/agents/my").readOnly(),
          Route.to(AGENT, "/api/v1/agents/{uuid}"),
          Route.to(RATING, "/api/v1/agents/{uuid}/stats"),
          Route.to(RATING, "/api/v1/agents/{uuid}/ratings"),
          Route.to(MATCH, "/api/v1/agents/{uuid}/versus/{uuid}"),
          Route.to(AGENT, "/api/v1/agents/{uuid}/**"),
          Route.to(AGENT, "/api/v1/environments"),
          Route.to(AGENT, "/api/v1/environments/{slug}"),
          Route.to(SUBMISSION, "/api/v1/submissions"),
          Route.to(SUBMISSION, "/api/v1/submissions/agent/{uuid}"),
          Route.to(SUBMISSION, "/api/v1/submissions/{uuid}"),
          Route.to(BUILD, "/api/v1/submissions/{uuid}/build-logs"),
          Route.to(BUILD, "/api/v1/submissions/{uuid}/scan"),
          Route.to(BUILD, "/api/v1/submissions/{uuid}/sbom"),
          Route.to(SUBMISSION, "/api/v1/submissions/{uuid}/**"),
          Route.to(MATCH, "/api/v1/matches"),
          Route.to(MATCH, "/api/v1/matches/replays"),
          Route.to(MATCH, "/api/v1/matches/agent/{uuid}"),
          Route.to(MATCH, "/api/v1/matches/{uuid}"),
          Route.to(MATCH, "/api/v1/matches/{uuid}/replay").thatIsPacked(),
          Route.to(MATCH, "/api/v1/matches/{uuid}/**"),
          Route.to(RATING, "/api/v1/leaderboard"),
          Route.to(RATING, "/api/v1/leaderboard/**"),
          Route.to(MATCHMAKING, "/api/v1/matchmaking/queue"),
          Route.to(MATCHMAKING, "/api/v1/matchmaking/agents/{uuid}"),
          Route.to(WEBHOOK, "/api/v1/webhooks"),
          Route.to(WEBHOOK, "/api/v1/webhooks/{uuid}"),
          Route.to(WEBHOOK, "/api/v1/webhooks/{uuid}/**"),
          Route.to(AUTH, "/api/v1/admin/users"),
          Route.to(AUTH, "/api/v1/admin/users/{uuid}"),
          Route.to(AUTH, "/api/v1/admin/users/{uuid}/**"),
          Route.to(AGENT, "/api/v1/admin/agents/{uuid}/**"),
          Route.to(AGENT, "/api/v1/admin/environments/{slug}/**"),
          Route.to(MATCH, "/api/v1/admin/matches/{uuid}/**"),
          Route.to(AUTH, "/api/v1/admin/audit/users"),
          Route.to(AGENT, "/api/v1/admin/audit/agents"),
          Route.to(MATCH, "/api/v1/admin/audit/matches"),
          Route.toFile(MATCH, "/storage/replays/{uuid}.json"),
          Route.toFile(MATCH, "/storage/replays/{uuid}.html"));

  /** What is to be done with a request. */
  public sealed interface Decision {}

  /**
   * A service answers.
   *
   * @param service which one
   * @param template the row, for metrics
   * @param path the path, without a slash at its end
   * @param query the query as it came, null for none
   * @param file whether the answer is a stored file rather than one of the API
   * @param packed whether the service may compress the answer
   */
  public record Forward(
      Service service, String template, String path, String query, boolean file, boolean packed)
      implements Decision {}

  /**
   * Nobody answers.
   *
   * @param status 400, 404 or 405
   * @param detail a sentence for the user
   */
  public record Refuse(int status, String detail) implements Decision {}

  /** Finds the row for a request line; path and query as they came, the query may be null. */
  public Decision decide(HttpMethod method, String rawPath, String query) {
    if (!METHODS.contains(method)) {
      return new Refuse(405, "The method " + method.name() + " is not used here.");
    }
    Optional<List<String>> segments = Paths.segments(rawPath);
    if (segments.isEmpty()) {
      return unknown();
    }
    List<String> path = segments.get();
    if (asksForReplayOfNoMatch(path)) {
      return new Refuse(400, "There is no match yet; play one before you ask for its replay.");
    }
    Fit best = Fit.NO;
    for (Route route : ROUTES) {
      Fit fit = route.fit(method, path);
      if (fit == Fit.YES) {
        // an open row would take what a row before it is for, and say something else about the id
        return best == Fit.BAD_ID && route.isOpen() ? badId() : route.forward(path, query);
      }
      best = fit == Fit.BAD_ID ? fit : best;
    }
    return best == Fit.BAD_ID ? badId() : unknown();
  }

  private static Refuse badId() {
    return new Refuse(404, "The id in this path is not a UUID, so nothing has it. Check the id.");
  }

  private static Refuse unknown() {
    return new Refuse(
        404, "There is nothing at this path; /openapi.json lists the paths there are.");
  }

  private static boolean asksForReplayOfNoMatch(List<String> path) {
    return path.size() == 5
        && path.subList(0, 3).equals(List.of("api", "v1", "matches"))
        && NO_MATCH_YET.contains(path.get(3))
        && path.get(4).startsWith("replay");
  }

  /** Whether a path, with braces around its parameters, reaches this service from outside. */
  public boolean isPublic(Service service, String documentedPath) {
    List<String> path =
        List.of(documentedPath.substring(1).replaceAll("\\{[^}]*}", Paths.SAMPLE_UUID).split("/"));
    return METHODS.stream()
        .anyMatch(
            method ->
                ROUTES.stream()
                    .filter(route -> route.fit(method, path) == Fit.YES)
                    .findFirst()
                    .filter(route -> route.service() == service)
                    .isPresent());
  }
}
