package org.rlarena.gateway.routing;

import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Set;
import org.rlarena.gateway.Service;

/**
 * A row of the table: these methods on paths of this pattern belong to this service.
 *
 * @param methods methods it is for; empty for all
 * @param pattern segments: a word stands for itself, {@code {uuid}} (also with an ending) and
 *     {@code {slug}} for one segment, a trailing {@code **} for one or more
 * @param service who answers
 * @param file whether a stored file is the answer
 * @param packed whether the service compresses the answer, for those who take it so
 */
record Route(
    Set<HttpMethod> methods, List<String> pattern, Service service, boolean file, boolean packed) {

  private static final Set<HttpMethod> READ = Set.of(HttpMethod.GET, HttpMethod.HEAD);
  private static final String UUID = "{uuid}";
  private static final String SLUG = "{slug}";
  private static final String REST = "**";

  /** How a path fits a row. */
  enum Fit {
    NO,
    /** Its shape fits, but what stands where an id belongs is none. */
    BAD_ID,
    YES
  }

  static Route to(Service service, String pattern) {
    return new Route(Set.of(), List.of(pattern.substring(1).split("/")), service, false, false);
  }

  /** A row for stored files, which are only read. */
  static Route toFile(Service service, String pattern) {
    return new Route(READ, to(service, pattern).pattern, service, true, true);
  }

  /** The same row for reading alone. */
  Route readOnly() {
    return new Route(READ, pattern, service, file, packed);
  }

  /** The same row for answers that the service compresses. */
  Route thatIsPacked() {
    return new Route(methods, pattern, service, file, true);
  }

  /** Whether it is for all paths under one. */
  boolean isOpen() {
    return pattern.getLast().equals(REST);
  }

  RouteTable.Forward forward(List<String> path, String query) {
    return new RouteTable.Forward(
        service,
        "/" + String.join("/", pattern),
        "/" + String.join("/", path),
        query,
        file,
        packed);
  }

  Fit fit(HttpMethod method, List<String> path) {
    if (!methods.isEmpty() && !methods.contains(method)) {
      return Fit.NO;
    }
    boolean open = isOpen();
    int fixed = open ? pattern.size() - 1 : pattern.size();
    if (open ? path.size() <= fixed : path.size() != fixed) {
      return Fit.NO;
    }
    Fit fit = Fit.YES;
    for (int i = 0; i < fixed && fit != Fit.NO; i++) {
      Fit here = fit(pattern.get(i), path.get(i));
      fit = here == Fit.YES ? fit : here;
    }
    return fit;
  }

  private static Fit fit(String wanted, String given) {
    if (wanted.equals(SLUG)) {
      return Fit.YES;
    }
    if (!wanted.startsWith(UUID)) {
      return wanted.equals(given) ? Fit.YES : Fit.NO;
    }
    String ending = wanted.substring(UUID.length());
    if (!given.endsWith(ending)) {
      return Fit.NO;
    }
    String id = given.substring(0, given.length() - ending.length());
    return Paths.isUuid(id) ? Fit.YES : Fit.BAD_ID;
  }
}
