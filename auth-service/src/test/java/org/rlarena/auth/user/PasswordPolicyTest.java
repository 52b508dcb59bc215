package org.rlarena.auth.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkiverse.resteasy.problem.HttpProblem;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PasswordPolicyTest {

  private final PasswordPolicy policy = new PasswordPolicy();

  PasswordPolicyTest() throws IOException {}

  @Test
  void shouldKnowMoreThanTheFirstThreeThousand() {
    assertThat(policy.size()).isGreaterThan(3000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "password",
        "PASSWORD",
        "Password",
        "12345678",
        "football",
        "adalovelace",
        "AdaLovelace",
        "ada@example.org"
      })
  void shouldRefuseWhatIsTriedFirst(String password) {
    assertThatThrownBy(() -> policy.check(password, "AdaLovelace", "ada@example.org"))
        .isInstanceOf(HttpProblem.class)
        .hasMessageContaining("Choose another");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "correct horse battery",
        "aaaaaaab",
        "        ",
        "пароль-пароль",
        "ada@example.org2"
      })
  void shouldAskForNoKindsOfCharacters(String password) {
    assertThatCode(() -> policy.check(password, "AdaLovelace", "ada@example.org"))
        .doesNotThrowAnyException();
  }
}
