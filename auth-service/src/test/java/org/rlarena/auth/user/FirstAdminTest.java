package org.rlarena.auth.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.auth.AuthConfig;

class FirstAdminTest {

  private static final String SOUND = "a sound password";

  @TempDir Path folder;

  private final PasswordPolicy policy = new PasswordPolicy();

  FirstAdminTest() throws IOException {}

  private record Wanted(Optional<Path> passwordFile, Optional<String> password)
      implements AuthConfig.FirstAdmin {

    static Wanted in(Path file) {
      return new Wanted(Optional.of(file), Optional.empty());
    }

    static Wanted with(String password) {
      return new Wanted(Optional.empty(), Optional.of(password));
    }

    @Override
    public String username() {
      return "administrator";
    }

    @Override
    public String email() {
      return "administrator@example.org";
    }
  }

  private String passwordOf(Wanted wanted) {
    return FirstAdmin.password(wanted, policy);
  }

  @Test
  void shouldTakeThePasswordOfAFileWithoutItsLineEnd() throws IOException {
    Path file = Files.writeString(folder.resolve("password"), SOUND + "\n");
    assertThat(passwordOf(Wanted.in(file))).isEqualTo(SOUND);
  }

  @Test
  void shouldTakeThePasswordItself() {
    assertThat(passwordOf(Wanted.with(SOUND))).isEqualTo(SOUND);
  }

  @ParameterizedTest
  @ValueSource(strings = {"short", "password1234", "Administrator"})
  void shouldNotStartWithAnUnusableOneNorTellIt(String password) {
    assertThatThrownBy(() -> passwordOf(Wanted.with(password)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("arena.auth.first-admin.password: ")
        .hasMessageNotContaining(password);
  }

  @Test
  void shouldNotStartWithoutTheFile() {
    Path file = folder.resolve("none");
    assertThatThrownBy(() -> passwordOf(Wanted.in(file)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("arena.auth.first-admin.password-file: there is no file " + file);
  }

  @Test
  void shouldNotStartWithBothOrNeither() {
    Wanted both = new Wanted(Optional.of(folder.resolve("password")), Optional.of(SOUND));
    Wanted neither = new Wanted(Optional.empty(), Optional.empty());
    for (Wanted wanted : new Wanted[] {both, neither}) {
      assertThatThrownBy(() -> passwordOf(wanted))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("either this or arena.auth.first-admin.password");
    }
  }
}
