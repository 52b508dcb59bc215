package org.rlarena.access;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.Key;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.lang.JoseException;

/**
 * auth-service's published verification keys: fetched when first needed, again when a token names
 * an unknown key (at most every {@value #MIN_SECONDS_BETWEEN_FETCHES} s, so that forged key ids
 * cannot flood auth-service) and when they are old. The last set is kept on disk. Thread-safe: one
 * caller fetches, and only those who name an unknown key wait for it.
 */
@ApplicationScoped
class Jwks {

  private static final Logger LOG = Logger.getLogger(Jwks.class);
  private static final int MIN_SECONDS_BETWEEN_FETCHES = 5;
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final AccessConfig config;
  private final Clock clock;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

  /** Held by whoever fetches, and guards what only they write. */
  private final ReentrantLock fetching = new ReentrantLock();

  private Instant triedAt = Instant.MIN;
  private volatile List<JsonWebKey> keys = List.of();
  private volatile Instant fetchedAt = Instant.MIN;

  @Inject
  Jwks(AccessConfig config) {
    this(config, Clock.systemUTC());
  }

  Jwks(AccessConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
  }

  /**
   * The key with this id.
   *
   * @return empty when auth-service does not publish such a key
   * @throws KeysUnavailable when no keys are known at all, neither from auth-service nor from disk
   */
  Optional<Key> find(String keyId) {
    Optional<Key> known = lookUp(keyId);
    if (known.isPresent() && isFresh()) {
      return known;
    }
    if (known.isEmpty()) {
      fetching.lock();
    } else if (!fetching.tryLock()) {
      return known; // somebody is fetching; until that is done an old key is as good as before
    }
    try {
      refresh(keyId);
    } finally {
      fetching.unlock();
    }
    if (keys.isEmpty()) {
      throw new KeysUnavailable("no verification keys from " + config.jwksLocation() + " yet");
    }
    return lookUp(keyId);
  }

  private boolean isFresh() {
    return !fetchedAt.isBefore(clock.instant().minus(config.jwksMaxAge()));
  }

  /** Fetches, unless whoever held the lock before did, or it was tried a moment ago. */
  private void refresh(String keyId) {
    Instant now = clock.instant();
    boolean wanted = lookUp(keyId).isEmpty() || !isFresh();
    if (wanted && triedAt.isBefore(now.minusSeconds(MIN_SECONDS_BETWEEN_FETCHES))) {
      triedAt = now;
      fetchAll(now);
    }
  }

  private Optional<Key> lookUp(String keyId) {
    return keys.stream()
        .filter(key -> keyId.equals(key.getKeyId()))
        .map(JsonWebKey::getKey)
        .findFirst();
  }

  private void fetchAll(Instant now) {
    try {
      String json = fetch(config.jwksLocation());
      keys = parse(json);
      fetchedAt = now;
      config.jwksCache().ifPresent(file -> keep(file, json));
    } catch (IOException | JoseException e) {
      LOG.debugf(e, "keys not fetched from %s", config.jwksLocation());
      if (keys.isEmpty()) {
        config.jwksCache().ifPresent(this::readKept);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String fetch(URI location) throws IOException, InterruptedException {
    if ("file".equals(location.getScheme())) {
      return Files.readString(Path.of(location));
    }
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(location).timeout(TIMEOUT).build(),
            HttpResponse.BodyHandlers.ofString());
    if (response.statusCode() != 200) {
      throw new IOException("status " + response.statusCode());
    }
    return response.body();
  }

  private static List<JsonWebKey> parse(String json) throws JoseException {
    return new JsonWebKeySet(json)
        .getJsonWebKeys().stream().filter(key -> "RSA".equals(key.getKeyType())).toList();
  }

  private static void keep(Path file, String json) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Path fresh = Files.createTempFile(file.toAbsolutePath().getParent(), "jwks", ".tmp");
      Files.writeString(fresh, json);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warnf("keys not kept in %s: %s", file, e.getMessage());
    }
  }

  private void readKept(Path file) {
    try {
      if (Files.isReadable(file)) {
        keys = parse(Files.readString(file));
      }
    } catch (IOException | JoseException e) {
      LOG.warnf("kept keys in %s not readable: %s", file, e.getMessage());
    }
  }
}
