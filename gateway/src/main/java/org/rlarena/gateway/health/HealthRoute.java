package org.rlarena.gateway.health;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rlarena.gateway.GatewayConfig;
import org.rlarena.gateway.Problem;
import org.rlarena.gateway.Replies;
import org.rlarena.gateway.Reused;
import org.rlarena.gateway.Service;
import org.rlarena.gateway.Upstreams;

/**
 * {@code GET /health}: 200 as long as the gateway itself works, with the state of each part; with
 * {@code ?strict=true} 503 when a part is down. The parts' readiness is asked at most once per
 * cache lifetime, however many ask.
 */
@ApplicationScoped
class HealthRoute {

  private final Upstreams upstreams;
  private final Replies replies;
  private final ObjectMapper json;
  private final Duration partTimeout;
  private final Reused<Health> health;

  HealthRoute(Upstreams upstreams, Replies replies, ObjectMapper json, GatewayConfig config) {
    this.upstreams = upstreams;
    this.replies = replies;
    this.json = json;
    this.partTimeout = config.partTimeout();
    this.health = new Reused<>(config.cache().health(), this::ask);
  }

  void register(@Observes Router router) {
    for (String path : List.of("/health", "/api/v1/health")) {
      router.route(HttpMethod.GET, path).handler(this::handle);
      router.route(HttpMethod.HEAD, path).handler(this::handle);
    }
  }

  private void handle(RoutingContext context) {
    String wanted = context.request().getParam("strict", "false");
    if (!List.of("true", "false", "").contains(wanted)) {
      String path = context.request().path();
      replies.send(context, Problem.of(400, "Give `strict` as true or false.", path));
      return;
    }
    boolean strict = wanted.equals("true");
    health
        .get()
        .onSuccess(
            now -> replies.send(context, strict && !now.status.equals("ok") ? 503 : 200, now))
        .onFailure(context::fail);
  }

  private Future<Health> ask() {
    List<Future<Map.Entry<String, Part>>> parts = new ArrayList<>();
    for (Service service : Service.values()) {
      parts.add(
          upstreams
              .fetch(service, "/q/health/ready", Map.of(), partTimeout)
              .map(this::judge)
              .otherwise(Part.down(List.of("does not respond")))
              .map(part -> Map.entry(service.label(), part)));
    }
    return Future.join(parts)
        .map(
            done -> {
              Map<String, Part> byName = new TreeMap<>();
              parts.forEach(part -> byName.put(part.result().getKey(), part.result().getValue()));
              boolean allUp = byName.values().stream().allMatch(part -> part.status.equals("up"));
              return new Health(allUp ? "ok" : "degraded", "rl-arena", byName);
            });
  }

  private Part judge(Upstreams.Answer answer) {
    if (answer.status() == 200) {
      return new Part("up", null);
    }
    List<String> missing = new ArrayList<>();
    try {
      for (JsonNode check : json.readTree(answer.body().getBytes()).path("checks")) {
        if (!check.path("status").asText().equals("UP")) {
          missing.add(check.path("name").asText());
        }
      }
    } catch (IOException e) {
      missing.add("answers " + answer.status());
    }
    return Part.down(missing);
  }

  /**
   * The answer.
   *
   * @param status ok, or degraded when a part is down
   * @param service always rl-arena
   * @param parts by name
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Health(String status, String service, Map<String, Part> parts) {}

  /**
   * One part.
   *
   * @param status up or down
   * @param missing what it lacks, left out when it is up
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Part(String status, List<String> missing) {

    static Part down(List<String> missing) {
      return new Part("down", missing);
    }
  }
}
