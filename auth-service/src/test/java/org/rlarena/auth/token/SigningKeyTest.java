package org.rlarena.auth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jws.JsonWebSignature;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.auth.AuthConfig;

class SigningKeyTest {

  @TempDir private Path folder;

  @Test
  void shouldRefuseToStartWithoutKey() {
    assertThatThrownBy(() -> new SigningKey(config(false), Optional.empty()))
        .hasMessageContaining("arena.auth.signing-key-file");
  }

  @Test
  void shouldMakeKeyOnceAndForItsOwnerAlone() throws Exception {
    // When
    SigningKey made = new SigningKey(config(true), Optional.empty());
    SigningKey again = new SigningKey(config(true), Optional.empty());

    // Then
    assertThat(again.id()).isEqualTo(made.id());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
        .isEqualTo("rw-------");
  }

  @Test
  void shouldRefuseFileThatIsNoKey() throws IOException {
    Files.writeString(file(), "no key");

    assertThatThrownBy(() -> new SigningKey(config(false), Optional.empty()))
        .isInstanceOf(Exception.class);
  }

  @Test
  void shouldSayWhatReplacesTheReferenceSystemsSecret() {
    assertThatThrownBy(() -> new SigningKey(config(true), Optional.of("your-secret-key")))
        .hasMessageContaining("JWT_SECRET")
        .hasMessageContaining("ARENA_AUTH_SIGNING_KEY_FILE");
  }

  @Test
  void shouldPublishNextAndPreviousKeysBesideTheOneThatSigns() throws Exception {
    // Given
    String old = made("old.pem").id();
    String current = made("current.pem").id();
    String next = made("next.pem").id();

    // When
    SigningKey key =
        new SigningKey(
            config(
                Map.of(
                    "signing-key-file", folder.resolve("current.pem").toString(),
                    "next-key-file", folder.resolve("next.pem").toString(),
                    "previous-key-files", folder.resolve("old.pem").toString())),
            Optional.empty());

    // Then
    assertThat(key.id()).isEqualTo(current);
    assertThat(key.published())
        .extracting(JsonWebKey::getKeyId)
        .containsExactly(current, next, old);
  }

  @Test
  void shouldVerifyTokensOfTheOldKeyUntilItIsRetired() throws Exception {
    // Given: a token from before the rotation
    SigningKey before = made("old.pem");
    made("new.pem");
    String token = signed(before);

    // When
    SigningKey overlapping =
        new SigningKey(
            config(
                Map.of(
                    "signing-key-file", folder.resolve("new.pem").toString(),
                    "previous-key-files", folder.resolve("old.pem").toString())),
            Optional.empty());
    SigningKey retired =
        new SigningKey(
            config(Map.of("signing-key-file", folder.resolve("new.pem").toString())),
            Optional.empty());

    // Then
    assertThat(isVerifiedBy(overlapping, token)).isTrue();
    assertThat(isVerifiedBy(overlapping, signed(overlapping))).isTrue();
    assertThat(isVerifiedBy(before, signed(overlapping))).isFalse();
    assertThat(isVerifiedBy(retired, token)).isFalse();
  }

  @Test
  void shouldPublishKeyOnceThatIsNamedTwice() throws Exception {
    made("a.pem");

    SigningKey key =
        new SigningKey(
            config(
                Map.of(
                    "signing-key-file", folder.resolve("a.pem").toString(),
                    "previous-key-files", folder.resolve("a.pem").toString())),
            Optional.empty());

    assertThat(key.published()).hasSize(1);
  }

  @Test
  void shouldRefuseToStartWhenANamedKeyIsMissing() throws Exception {
    made("a.pem");

    assertThatThrownBy(
            () ->
                new SigningKey(
                    config(
                        Map.of(
                            "signing-key-file", folder.resolve("a.pem").toString(),
                            "next-key-file", folder.resolve("missing.pem").toString())),
                    Optional.empty()))
        .hasMessageContaining("arena.auth.next-key-file");
  }

  private SigningKey made(String name) throws Exception {
    return new SigningKey(
        config(
            Map.of(
                "signing-key-file", folder.resolve(name).toString(), "create-signing-key", "true")),
        Optional.empty());
  }

  private static String signed(SigningKey key) throws Exception {
    JsonWebSignature token = new JsonWebSignature();
    token.setAlgorithmHeaderValue("RS256");
    token.setKeyIdHeaderValue(key.id());
    token.setKey(key.privateKey());
    token.setPayload("{}");
    return token.getCompactSerialization();
  }

  private static boolean isVerifiedBy(SigningKey key, String compact) throws Exception {
    JsonWebSignature token = new JsonWebSignature();
    token.setCompactSerialization(compact);
    JsonWebKey published =
        new JsonWebKeySet(key.published())
            .findJsonWebKey(token.getKeyIdHeaderValue(), "RSA", null, null);
    if (published == null) {
      return false;
    }
    token.setKey(published.getKey());
    return token.verifySignature();
  }

  private Path file() {
    return folder.resolve("signing.pem");
  }

  private AuthConfig config(boolean create) {
    return config(
        Map.of(
            "signing-key-file", file().toString(), "create-signing-key", String.valueOf(create)));
  }

  private static AuthConfig config(Map<String, String> settings) {
    Map<String, String> named =
        settings.entrySet().stream()
            .collect(Collectors.toMap(e -> "arena.auth." + e.getKey(), Map.Entry::getValue));
    return new SmallRyeConfigBuilder()
        .addDiscoveredConverters()
        .withMapping(AuthConfig.class)
        .withSources(new PropertiesConfigSource(named, "test", 100))
        .build()
        .getConfigMapping(AuthConfig.class);
  }
}
