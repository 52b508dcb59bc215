package org.rlarena.gateway.limits;

import static io.vertx.core.http.HttpHeaders.createOptimized;

import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Instant;
import java.util.Optional;
import org.rlarena.gateway.ClientAddresses;
import org.rlarena.gateway.Problem;
import org.rlarena.gateway.Replies;
import org.rlarena.gateway.caller.Tokens;
import org.rlarena.gateway.routing.RouteTable;

/**
 * Stands before every route but the gateway's own metrics and health: takes the request out of the
 * bucket of its address, then out of its user's, then out of that for what it asks. Only a sound
 * token makes a user, so nobody can use up the requests of another. The tightest answer is told in
 * headers.
 */
@ApplicationScoped
class Limits {

  private static final int AFTER_EDGE = -90_000;

  private static final CharSequence LIMIT = createOptimized("RateLimit-Limit");
  private static final CharSequence REMAINING = createOptimized("RateLimit-Remaining");
  private static final CharSequence RESET = createOptimized("RateLimit-Reset");
  private static final CharSequence X_LIMIT = createOptimized("X-RateLimit-Limit");
  private static final CharSequence X_REMAINING = createOptimized("X-RateLimit-Remaining");
  private static final CharSequence X_RESET = createOptimized("X-RateLimit-Reset");

  private final Tokens tokens;
  private final ClientAddresses addresses;
  private final Replies replies;
  private final MeterRegistry metrics;
  private final Buckets buckets;
  private final Groups groups;
  private final Rule ofAddress;
  private final Rule ofUser;

  Limits(
      Vertx vertx,
      Tokens tokens,
      ClientAddresses addresses,
      RouteTable routes,
      Replies replies,
      LimitsConfig config,
      MeterRegistry metrics) {
    this.tokens = tokens;
    this.addresses = addresses;
    this.replies = replies;
    this.metrics = metrics;
    this.groups = new Groups(routes, config);
    this.ofAddress = Rule.of("address", config.address());
    this.ofUser = Rule.of("user", config.user());
    Buckets memory = new MemoryBuckets();
    this.buckets =
        config.redis().<Buckets>map(redis -> new RedisBuckets(vertx, redis, memory)).orElse(memory);
  }

  void register(@Observes Router router) {
    router.route().order(AFTER_EDGE).handler(this::handle);
  }

  private void handle(RoutingContext context) {
    HttpServerRequest request = context.request();
    if (request.path().startsWith("/q/")) {
      context.next();
      return;
    }
    Future<Verdict> verdict = judge(context);
    boolean waits = !verdict.isComplete();
    if (waits) {
      request.pause();
    }
    verdict.onComplete(
        done -> {
          if (waits) {
            request.resume();
          }
          if (done.failed()) {
            context.fail(done.cause());
          } else {
            proceed(context, done.result());
          }
        });
  }

  private Future<Verdict> judge(RoutingContext context) {
    String address = addresses.keyOf(context.request());
    Optional<Groups.Group> group = groups.of(context.request());
    return take(ofAddress, address)
        .compose(first -> first.passes() ? ofUser(context, group, first) : done(first))
        .compose(
            verdict ->
                verdict.passes() && group.isPresent() && !group.get().perUser()
                    ? take(group.get().rule(), address).map(next -> tighter(verdict, next))
                    : done(verdict));
  }

  private Future<Verdict> ofUser(
      RoutingContext context, Optional<Groups.Group> group, Verdict before) {
    Optional<String> token = Tokens.ofHeader(context.request());
    if (token.isEmpty()) {
      return done(before);
    }
    return tokens
        .judge(token.get())
        .map(caller -> caller.userId().toString())
        // whoever has no sound token is refused by the service, and counted by address
        .otherwiseEmpty()
        .compose(
            user -> {
              if (user == null) {
                return done(before);
              }
              Future<Verdict> general = take(ofUser, user).map(verdict -> tighter(before, verdict));
              return group.isPresent() && group.get().perUser()
                  ? general.compose(
                      verdict ->
                          verdict.passes()
                              ? take(group.get().rule(), user).map(next -> tighter(verdict, next))
                              : done(verdict))
                  : general;
            });
  }

  private Future<Verdict> take(Rule rule, String key) {
    return rule.isOff()
        ? done(new Verdict(rule, true, Long.MAX_VALUE, 0, 0))
        : buckets.take(rule, key);
  }

  private static Future<Verdict> done(Verdict verdict) {
    return Future.succeededFuture(verdict);
  }

  private static Verdict tighter(Verdict one, Verdict other) {
    return !other.passes() || one.passes() && other.remaining() <= one.remaining() ? other : one;
  }

  private void proceed(RoutingContext context, Verdict verdict) {
    if (!verdict.rule().isOff()) {
      tell(context.response().headers(), verdict);
    }
    if (verdict.passes()) {
      context.next();
      return;
    }
    metrics.counter("arena_gateway_limited", "rule", verdict.rule().name()).increment();
    // what the client still sends is read and thrown away, so that it gets to see the answer
    context.request().handler(chunk -> {}).resume();
    replies.send(
        context,
        Problem.limited(
            "At most %d of these requests in %d seconds are allowed; try again in %d seconds."
                .formatted(
                    verdict.rule().requests(),
                    verdict.rule().period().toSeconds(),
                    verdict.retrySeconds()),
            context.request().path(),
            verdict.retrySeconds()));
  }

  /** Both the names of the IETF's draft and those of the reference, whose reset is a date. */
  private static void tell(MultiMap headers, Verdict verdict) {
    String limit = String.valueOf(verdict.rule().requests());
    String remaining = String.valueOf(verdict.remaining());
    headers
        .set(LIMIT, limit)
        .set(REMAINING, remaining)
        .set(RESET, String.valueOf(verdict.resetSeconds()))
        .set(X_LIMIT, limit)
        .set(X_REMAINING, remaining)
        .set(X_RESET, String.valueOf(Instant.now().getEpochSecond() + verdict.resetSeconds()));
  }

  /** What is dearer than the rest. */
  static final class Groups {

    private static final String MATCHES = "/api/v1/matches/";

    private final RouteTable routes;
    private final Group auth;
    private final Group submissions;
    private final Group matches;
    private final Group replays;

    /**
     * Requests that share a bucket.
     *
     * @param perUser else per address
     */
    record Group(Rule rule, boolean perUser) {}

    Groups(RouteTable routes, LimitsConfig config) {
      this.routes = routes;
      this.auth = new Group(Rule.of("auth", config.auth()), false);
      this.submissions = new Group(Rule.of("submissions", config.submissions()), true);
      this.matches = new Group(Rule.of("matches", config.matches()), true);
      this.replays = new Group(Rule.of("replays", config.replays()), false);
    }

    /** The group of a request, by the path under which it would be passed on. */
    Optional<Group> of(HttpServerRequest request) {
      boolean post = request.method() == HttpMethod.POST;
      boolean get = request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD;
      // most of what is read is in no group, and the table need not be asked
      if (!post && !(get && request.path().startsWith(MATCHES))) {
        return Optional.empty();
      }
      return routes.decide(request.method(), request.path(), null)
              instanceof RouteTable.Forward forward
          ? Optional.ofNullable(post ? ofPost(forward.path()) : ofGet(forward.path()))
          : Optional.empty();
    }

    private Group ofPost(String path) {
      return switch (path) {
        case "/api/v1/auth/login", "/api/v1/auth/register" -> auth;
        case "/api/v1/submissions" -> submissions;
        case "/api/v1/matches" -> matches;
        default ->
            path.startsWith("/api/v1/submissions/") && path.endsWith("/rebuild")
                ? submissions
                : null;
      };
    }

    private Group ofGet(String path) {
      return path.startsWith(MATCHES) && path.endsWith("/replay") ? replays : null;
    }
  }
}
