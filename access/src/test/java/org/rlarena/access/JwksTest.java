package org.rlarena.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JwksTest {

  @TempDir private Path folder;

  private final AtomicInteger fetches = new AtomicInteger();
  private HttpServer authService;
  private String published;
  private volatile CountDownLatch asked = new CountDownLatch(1);
  private volatile CountDownLatch held = new CountDownLatch(0);

  @BeforeEach
  void publishKey() throws Exception {
    RsaJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
    key.setKeyId("k1");
    published = new JsonWebKeySet(key).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
    authService = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    authService.createContext(
        "/jwks",
        exchange -> {
          fetches.incrementAndGet();
          asked.countDown();
          awaitQuietly(held);
          byte[] body = published.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    authService.start();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void stop() {
    held.countDown();
    authService.stop(0);
  }

  @Test
  void shouldFetchKeysWhenFirstNeeded() {
    Jwks jwks = new Jwks(config());

    assertThat(fetches).hasValue(0);
    assertThat(jwks.find("k1")).isPresent();
    assertThat(jwks.find("k1")).isPresent();
    assertThat(fetches).hasValue(1);
  }

  @Test
  void shouldNotFetchForEachForgedKeyId() {
    Jwks jwks = new Jwks(config());

    for (int i = 0; i < 50; i++) {
      assertThat(jwks.find("forged-" + i)).isEmpty();
    }

    assertThat(fetches).hasValue(1);
  }

  @Test
  void shouldUseKeysFromDiskWhileAuthServiceIsAway() {
    // Given
    new Jwks(config()).find("k1");
    authService.stop(0);

    // When
    Jwks restarted = new Jwks(config());

    // Then
    assertThat(restarted.find("k1")).isPresent();
  }

  @Test
  void shouldSayThatKeysAreMissingRatherThanGuess() {
    authService.stop(0);

    assertThatThrownBy(() -> new Jwks(config()).find("k1")).isInstanceOf(KeysUnavailable.class);
  }

  @Test
  void shouldSurviveSpoiltFileOnDisk() throws IOException {
    Files.writeString(folder.resolve("jwks.json"), "{half a fi");
    authService.stop(0);

    assertThatThrownBy(() -> new Jwks(config()).find("k1")).isInstanceOf(KeysUnavailable.class);
  }

  @Test
  void shouldTakeTheNextKeyAtItsFirstTokenAndDropARetiredOne() throws Exception {
    // Given: k1 signs
    AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-23T12:00:00Z"));
    Jwks jwks = new Jwks(config(), ((InstantSource) now::get).withZone(ZoneOffset.UTC));
    assertThat(jwks.find("k1")).isPresent();
    String first = published;

    // When k2 signs and k1 is published beside it
    RsaJsonWebKey k2 = RsaJwkGenerator.generateJwk(2048);
    k2.setKeyId("k2");
    JsonWebKeySet both = new JsonWebKeySet(first);
    both.addJsonWebKey(k2);
    published = both.toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
    now.updateAndGet(time -> time.plusSeconds(6));

    // Then a token that names it makes it known at once, and those of k1 stay good
    assertThat(jwks.find("k2")).isPresent();
    assertThat(jwks.find("k1")).isPresent();
    assertThat(fetches).hasValue(2);

    // When k1 is retired
    published = new JsonWebKeySet(k2).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
    now.updateAndGet(time -> time.plus(Duration.ofMinutes(5)).plusSeconds(1));

    // Then its tokens are refused once the keys are older than their age allows
    assertThat(jwks.find("k1")).isEmpty();
    assertThat(jwks.find("k2")).isPresent();
  }

  @Test
  void shouldNotLetThoseWithAKnownKeyWaitForAFetch() throws Exception {
    // Given: auth-service holds back its next answer, which an unknown key asks for
    AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-23T12:00:00Z"));
    Jwks jwks = new Jwks(config(), ((InstantSource) now::get).withZone(ZoneOffset.UTC));
    assertThat(jwks.find("k1")).isPresent();
    held = new CountDownLatch(1);
    asked = new CountDownLatch(1);
    now.updateAndGet(time -> time.plus(Duration.ofMinutes(5)).plusSeconds(1));
    CompletableFuture<Optional<Key>> unknown =
        CompletableFuture.supplyAsync(() -> jwks.find("forged"));
    asked.await();

    // When, Then: although it is old, the known key is given at once
    assertThat(jwks.find("k1")).isPresent();
    assertThat(unknown).isNotDone();

    held.countDown();
    assertThat(unknown.get()).isEmpty();
    assertThat(fetches).hasValue(2);
  }

  private AccessConfig config() {
    URI location =
        URI.create(
            "http://"
                + authService.getAddress().getAddress().getHostAddress()
                + ":"
                + authService.getAddress().getPort()
                + "/jwks");
    Path cache = folder.resolve("jwks.json");
    return new AccessConfig() {
      @Override
      public String issuer() {
        return "rl-arena";
      }

      @Override
      public String audience() {
        return "rl-arena";
      }

      @Override
      public URI jwksLocation() {
        return location;
      }

      @Override
      public Optional<Path> jwksCache() {
        return Optional.of(cache);
      }

      @Override
      public Duration jwksMaxAge() {
        return Duration.ofMinutes(5);
      }

      @Override
      public URI authUrl() {
        return location;
      }

      @Override
      public Optional<String> clientSecret() {
        return Optional.empty();
      }
    };
  }
}
