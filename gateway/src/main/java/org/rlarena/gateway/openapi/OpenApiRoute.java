package org.rlarena.gateway.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jboss.logging.Logger;
import org.rlarena.gateway.GatewayConfig;
import org.rlarena.gateway.Replies;
import org.rlarena.gateway.Reused;
import org.rlarena.gateway.Service;
import org.rlarena.gateway.Upstreams;
import org.rlarena.gateway.routing.RouteTable;

/**
 * {@code GET /openapi.json}: the public API as the services describe it now, and as it looks from
 * outside. A service that does not answer is named under {@code x-missing-parts}.
 */
@ApplicationScoped
class OpenApiRoute {

  private static final Logger LOG = Logger.getLogger(OpenApiRoute.class);
  private static final String OWN = "/openapi/gateway.json";
  private static final String OPERATIONS = "/openapi/operations.json";

  private final Upstreams upstreams;
  private final RouteTable routes;
  private final Replies replies;
  private final ObjectMapper json;
  private final GatewayConfig config;
  private final Reused<ObjectNode> description;

  OpenApiRoute(
      Upstreams upstreams,
      RouteTable routes,
      Replies replies,
      ObjectMapper json,
      GatewayConfig config) {
    this.upstreams = upstreams;
    this.routes = routes;
    this.replies = replies;
    this.json = json;
    this.config = config;
    this.description = new Reused<>(config.cache().openapi(), this::merge);
  }

  void register(@Observes Router router) {
    router.route(HttpMethod.GET, "/openapi.json").handler(this::handle);
    router.route(HttpMethod.HEAD, "/openapi.json").handler(this::handle);
  }

  private void handle(RoutingContext context) {
    description
        .get()
        .onSuccess(document -> replies.send(context, 200, document))
        .onFailure(context::fail);
  }

  private Future<ObjectNode> merge() {
    Map<Service, Future<Upstreams.Answer>> answers = new EnumMap<>(Service.class);
    for (Service service : Service.values()) {
      answers.put(
          service,
          upstreams.fetch(service, "/q/openapi?format=json", Map.of(), config.partTimeout()));
    }
    return Future.join(List.copyOf(answers.values())).otherwiseEmpty().map(done -> merged(answers));
  }

  private ObjectNode merged(Map<Service, Future<Upstreams.Answer>> answers) {
    MergedDescription merged = new MergedDescription((ObjectNode) resource(OWN));
    answers.forEach(
        (service, answer) -> {
          if (answer.failed() || answer.result().status() != 200) {
            merged.missing(service);
            return;
          }
          try {
            merged.add(
                service,
                json.readTree(answer.result().body().getBytes()),
                path -> routes.isPublic(service, path));
          } catch (IOException e) {
            LOG.warnf("The API description of %s is no JSON", service.label());
            merged.missing(service);
          }
        });
    return new Refinement(merged.document(), resource(OPERATIONS)).refine();
  }

  private JsonNode resource(String name) {
    try (InputStream file = OpenApiRoute.class.getResourceAsStream(name)) {
      return json.readTree(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
