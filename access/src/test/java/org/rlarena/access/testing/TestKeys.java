package org.rlarena.access.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.lang.JoseException;

/**
 * Stands in for auth-service's published keys: makes a key pair for this test run and lets the
 * service verify against it. {@link TestTokens} signs with it.
 */
public class TestKeys implements QuarkusTestResourceLifecycleManager {

  /** Names the folder of the keys; a system property, since tests have several class loaders. */
  static final String FOLDER = "arena.test.keys";

  @Override
  public Map<String, String> start() {
    try {
      Path folder = Files.createTempDirectory("arena-test-keys");
      RsaJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
      key.setKeyId("test");
      key.setAlgorithm("RS256");
      key.setUse("sig");
      Files.writeString(
          folder.resolve("private.jwk"), key.toJson(JsonWebKey.OutputControlLevel.INCLUDE_PRIVATE));
      Path published = folder.resolve("jwks.json");
      Files.writeString(
          published, new JsonWebKeySet(key).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
      System.setProperty(FOLDER, folder.toString());
      return Map.of("arena.access.jwks-location", published.toUri().toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void stop() {
    Path folder = Path.of(System.getProperty(FOLDER));
    try {
      Files.deleteIfExists(folder.resolve("private.jwk"));
      Files.deleteIfExists(folder.resolve("jwks.json"));
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
