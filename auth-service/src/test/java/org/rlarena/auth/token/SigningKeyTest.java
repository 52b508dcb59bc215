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

  private Path file() {
    return folder.resolve("signing.pem");
  }

  private AuthConfig config(boolean create) {
    return new SmallRyeConfigBuilder()
        .addDiscoveredConverters()
        .withMapping(AuthConfig.class)
        .withSources(
            new PropertiesConfigSource(
                Map.of(
                    "arena.auth.signing-key-file", file().toString(),
                    "arena.auth.create-signing-key", String.valueOf(create)),
                "test",
                100))
        .build()
        .getConfigMapping(AuthConfig.class);
  }
}
