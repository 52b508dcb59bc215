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
import org.jboss.logging.Logger;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.lang.JoseException;

/**
 * auth-service's published verification keys: fetched when first needed, again when a token names
 * an unknown key (at most every {@value #MIN_SECONDS_BETWEEN_FETCHES} s, so that forged key ids
 * cannot flood auth-service) and when they are old. The last set is kept on disk. Thread-safe.
 */
@ApplicationScoped
class Jwks {

  private static final Logger LOG = Logger.getLogger(Jwks.class);
  private static final int MIN_SECONDS_BETWEEN_FETCHES = 5;
  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  private final AccessConfig config;
  private final Clock clock;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

  private List<JsonWebKey> keys = List.of();
  private Instant fetchedAt = Instant.MIN;
  private Instant triedAt = Instant.MIN;

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
  synchronized Optional<Key> find(String keyId) {
    Instant now = clock.instant();
    Optional<Key> known = lookUp(keyId);
    boolean old = fetchedAt.isBefore(now.minus(config.jwksMaxAge()));
    boolean mayFetch = triedAt.isBefore(now.minusSeconds(MIN_SECONDS_BETWEEN_FETCHES));
    if ((known.isEmpty() || old) && mayFetch) {
      triedAt = now;
      refresh(now);
      known = lookUp(keyId);
    }
    if (keys.isEmpty()) {
      throw new KeysUnavailable("no verification keys from " + config.jwksLocation() + " yet");
    }
    return known;
  }

  private Optional<Key> lookUp(String keyId) {
    return keys.stream()
        .filter(key -> keyId.equals(key.getKeyId()))
        .map(JsonWebKey::getKey)
        .findFirst();
  }

  private void refresh(Instant now) {
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
