package org.rlarena.gateway.caller;

import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.lang.JoseException;
import org.rlarena.gateway.GatewayConfig;
import org.rlarena.gateway.Service;
import org.rlarena.gateway.Upstreams;

/**
 * auth-service's keys, fetched when first needed, when they are old, and when a token names an
 * unknown one, but never more often than every {@value #SECONDS_BETWEEN_FETCHES} s: forged key ids
 * must not flood auth-service. Known keys stay in use while it is away. Thread-safe.
 */
@ApplicationScoped
class PublishedKeys {

  private static final int SECONDS_BETWEEN_FETCHES = 5;
  private static final long MAX_AGE_NANOS = Duration.ofMinutes(5).toNanos();

  private final Upstreams upstreams;
  private final Duration timeout;

  private volatile List<JsonWebKey> keys = List.of();
  private Future<Void> fetching = Future.succeededFuture();
  private long triedAt = System.nanoTime() - Duration.ofSeconds(SECONDS_BETWEEN_FETCHES).toNanos();
  private volatile long fetchedAt;

  PublishedKeys(Upstreams upstreams, GatewayConfig config) {
    this.upstreams = upstreams;
    this.timeout = config.accountTimeout();
  }

  /** The key with this id, empty if none is published; fails with {@link KeysUnavailable}. */
  Future<Optional<Key>> find(String keyId) {
    Optional<Key> known = lookUp(keyId);
    if (known.isPresent() && System.nanoTime() - fetchedAt < MAX_AGE_NANOS) {
      return Future.succeededFuture(known);
    }
    return fetch()
        .transform(
            fetched ->
                keys.isEmpty()
                    ? Future.failedFuture(new KeysUnavailable(fetched.cause()))
                    : Future.succeededFuture(lookUp(keyId)));
  }

  private Optional<Key> lookUp(String keyId) {
    return keys.stream()
        .filter(key -> keyId.equals(key.getKeyId()))
        .map(JsonWebKey::getKey)
        .findFirst();
  }

  private synchronized Future<Void> fetch() {
    long now = System.nanoTime();
    boolean early = now - triedAt < Duration.ofSeconds(SECONDS_BETWEEN_FETCHES).toNanos();
    // without any key the next caller may try at once: there is nobody else to be spared
    if (!fetching.isComplete() || early && !keys.isEmpty()) {
      return fetching;
    }
    triedAt = now;
    fetching =
        upstreams
            .fetch(Service.AUTH, "/.well-known/jwks.json", Map.of(), timeout)
            .compose(this::take);
    return fetching;
  }

  private Future<Void> take(Upstreams.Answer answer) {
    try {
      if (answer.status() != 200) {
        return Future.failedFuture("status " + answer.status());
      }
      keys =
          new JsonWebKeySet(answer.body().toString(StandardCharsets.UTF_8))
              .getJsonWebKeys().stream().filter(key -> "RSA".equals(key.getKeyType())).toList();
      fetchedAt = System.nanoTime();
      return Future.succeededFuture();
    } catch (JoseException e) {
      return Future.failedFuture(e);
    }
  }
}
