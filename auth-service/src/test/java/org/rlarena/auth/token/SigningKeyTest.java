package org.rlarena.auth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
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
    return new AuthConfig() {
      @Override
      public Path signingKeyFile() {
        return file();
      }

      @Override
      public boolean createSigningKey() {
        return create;
      }

      @Override
      public Duration tokenLifetime() {
        return Duration.ofHours(24);
      }

      @Override
      public Duration serviceTokenLifetime() {
        return Duration.ofMinutes(5);
      }

      @Override
      public int hashesAtOnce() {
        return 1;
      }

      @Override
      public Duration hashWait() {
        return Duration.ofSeconds(1);
      }

      @Override
      public Map<String, Client> clients() {
        return Map.of();
      }
    };
  }
}
