package org.rlarena.gateway.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.logging.Logger;
import org.rlarena.gateway.GatewayConfig;
import org.rlarena.gateway.Reused;
import org.rlarena.gateway.Service;
import org.rlarena.gateway.Upstreams;
import org.rlarena.gateway.routing.RouteTable;

/**
 * The public API as the services describe it now, and as it looks from outside. A service that does
 * not answer is named under {@code x-missing-parts}.
 */
@ApplicationScoped
public class Description {

  private static final Logger LOG = Logger.getLogger(Description.class);
  private static final String OWN = "/openapi/gateway.json";
  private static final String OPERATIONS = "/openapi/operations.json";
  private static final String REQUESTS = "/openapi/requests.json";

  private final Upstreams upstreams;
  private final RouteTable routes;
  private final ObjectMapper json;
  private final GatewayConfig config;
  private final Reused<ObjectNode> current;

  Description(Upstreams upstreams, RouteTable routes, ObjectMapper json, GatewayConfig config) {
    this.upstreams = upstreams;
    this.routes = routes;
    this.json = json;
    this.config = config;
    this.current = new Reused<>(config.cache().openapi(), this::merge);
  }

  Future<ObjectNode> current() {
    return current.get();
  }

  /**
   * The methods that are described for a path as somebody asked for it, in capitals; maybe none.
   */
  public Future<Set<String>> methodsOf(String path) {
    return current.get().map(document -> methodsOf(document.path("paths"), path));
  }

  static Set<String> methodsOf(JsonNode paths, String path) {
    Set<String> methods = new TreeSet<>();
    int fixedBest = -1;
    for (Map.Entry<String, JsonNode> described : paths.properties()) {
      int fixed = fixedSegments(described.getKey(), path);
      if (fixed > fixedBest) {
        // what is spelt out wins over a parameter: /agents/my over /agents/{id}
        fixedBest = fixed;
        methods.clear();
        described
            .getValue()
            .fieldNames()
            .forEachRemaining(method -> methods.add(method.toUpperCase(Locale.ROOT)));
        methods.retainAll(Refinement.METHODS_IN_CAPITALS);
      }
    }
    return methods;
  }

  /** How many segments of a described path are spelt out and fit; -1 when it does not fit. */
  private static int fixedSegments(String described, String path) {
    String[] wanted = described.split("/");
    String[] given = path.split("/");
    if (wanted.length != given.length) {
      return -1;
    }
    int fixed = 0;
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i].equals(given[i])) {
        fixed++;
      } else if (!wanted[i].startsWith("{") || !given[i].endsWith(ending(wanted[i]))) {
        return -1;
      }
    }
    return fixed;
  }

  private static String ending(String segment) {
    return segment.substring(segment.indexOf('}') + 1);
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
    return new Refinement(merged.document(), resource(OPERATIONS), resource(REQUESTS)).refine();
  }

  private JsonNode resource(String name) {
    try (InputStream file = Description.class.getResourceAsStream(name)) {
      return json.readTree(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
