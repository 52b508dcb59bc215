package org.rlarena.gateway.profile;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.rlarena.gateway.GatewayConfig;
import org.rlarena.gateway.bus.BusEvent;
import org.rlarena.gateway.bus.BusListener;
import org.rlarena.gateway.cache.KeptAnswers;
import org.rlarena.gateway.cache.KeptAnswers.Answer;
import org.rlarena.gateway.caller.Caller;
import org.rlarena.gateway.caller.Revocations;
import org.rlarena.gateway.caller.Tokens;

/**
 * Profiles that services composed for a token less than a second ago, for that very token alone
 * (ADR 9). A token that was revoked, as far as this gateway knows, gets none, and whoever changes
 * something through this gateway sees it at once: a log-out is a change too. Thread-safe.
 */
@ApplicationScoped
class KeptProfiles implements BusListener {

  /** After the limits, which know that the token is sound. */
  private static final int AFTER_LIMITS = -80_000;

  private static final String ADMIN = "/api/v1/admin/";
  private static final String REFRESH = "/api/v1/auth/refresh";
  private static final int MOST = 2000;
  private static final long MOST_BYTES = 12L << 20;

  private final Tokens tokens;
  private final Revocations revocations;
  private final ObjectMapper json;
  private final Duration lifetime;
  private final KeptAnswers kept;

  KeptProfiles(Tokens tokens, Revocations revocations, ObjectMapper json, GatewayConfig config) {
    this.tokens = tokens;
    this.revocations = revocations;
    this.json = json;
    this.lifetime = config.cache().profiles();
    this.kept = new KeptAnswers(lifetime, MOST, MOST_BYTES);
  }

  void register(@Observes Router router) {
    if (lifetime.isPositive()) {
      router
          .route("/api/v1/*")
          .method(HttpMethod.POST)
          .method(HttpMethod.PUT)
          .method(HttpMethod.PATCH)
          .method(HttpMethod.DELETE)
          .order(AFTER_LIMITS)
          .handler(this::dropAfterChange);
    }
  }

  /** The profile for the token of a request, composed if none is kept that may be used. */
  Future<Answer> get(RoutingContext context, Supplier<Future<Profile>> composed) {
    Optional<String> token = Tokens.ofHeader(context.request());
    if (!lifetime.isPositive() || token.isEmpty()) {
      return composed.get().map(Profile::answer);
    }
    return tokens
        .judge(token.get())
        .map(Optional::of)
        // what is wrong with it, auth-service says
        .otherwise(Optional.empty())
        .compose(
            caller ->
                caller
                    .filter(sound -> !revocations.refuses(sound))
                    .map(sound -> kept(key(sound), composed))
                    .orElseGet(() -> composed.get().map(Profile::answer)));
  }

  private Future<Answer> kept(String key, Supplier<Future<Profile>> composed) {
    return kept.get(
        key,
        () ->
            composed
                .get()
                .map(
                    profile -> {
                      if (profile.partial()) {
                        kept.drop(key::equals); // the next one may be whole
                      }
                      return profile.answer();
                    }));
  }

  /** A token is never answered with what was kept for another one, of the same user either. */
  private static String key(Caller caller) {
    return prefix(caller.userId()) + caller.tokenId();
  }

  private static String prefix(UUID user) {
    return user + "/";
  }

  private void dropAfterChange(RoutingContext context) {
    // before the client knows what it has done, and asks again
    context.addHeadersEndHandler(
        answered -> {
          if (mayConcernAnybody(context)) {
            kept.drop(key -> true);
          } else {
            Tokens.ofHeader(context.request())
                .ifPresent(
                    token -> tokens.judge(token).onSuccess(caller -> dropOf(caller.userId())));
          }
        });
    context.next();
  }

  /**
   * What an administrator did; what is refused did nothing, else anybody could have all of it
   * dropped. A refresh token that is refused may have ended the sessions of whoever it was made
   * for.
   */
  private static boolean mayConcernAnybody(RoutingContext context) {
    String path = context.request().path();
    int status = context.response().getStatusCode();
    boolean refused = status >= 400 && status < 500;
    return path.startsWith(ADMIN) && !refused || path.startsWith(REFRESH) && status >= 400;
  }

  private void dropOf(UUID user) {
    String prefix = prefix(user);
    kept.drop(key -> key.startsWith(prefix));
  }

  @Override
  public Map<String, Start> topics() {
    return Map.of(
        "user.changed", Start.BEGINNING,
        "agent.changed", Start.BEGINNING,
        "submission.created", Start.RECENT,
        "submission.activated", Start.RECENT,
        "match.finished", Start.RECENT,
        "rating.changed", Start.RECENT);
  }

  @Override
  public void on(BusEvent event) throws IOException {
    if (kept.size() == 0) {
      return;
    }
    List<UUID> users = json.readValue(event.data(), Concerned.class).users();
    if (users.isEmpty()) {
      kept.drop(key -> true); // the deletion of an agent does not say whose it was
    } else {
      users.forEach(this::dropOf);
    }
  }

  /**
   * A composed profile.
   *
   * @param partial whether something is missing
   */
  record Profile(Answer answer, boolean partial) {}

  /** What is read of the events: whom they are about; what one lacks is null. */
  @RegisterForReflection
  record Concerned(UUID userId, UUID ownerId, List<Owned> participants, List<Owned> changes) {

    @RegisterForReflection
    record Owned(UUID ownerId) {}

    List<UUID> users() {
      return Stream.concat(
              Stream.of(userId, ownerId),
              Stream.of(participants, changes)
                  .filter(Objects::nonNull)
                  .flatMap(List::stream)
                  .map(Owned::ownerId))
          .filter(Objects::nonNull)
          .toList();
    }
  }
}
