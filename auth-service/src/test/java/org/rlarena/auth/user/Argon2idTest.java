package org.rlarena.auth.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Argon2idTest {

  /** Made by the reference implementation (argon2-cffi), with this and with other parameters. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg"
            + "$tmg8kTzmJLkguc2kOGId3nFi6amvRKU5PrSeYJW6QRk",
        "$argon2id$v=19$m=8192,t=3,p=2$MDEyMzQ1Njc4OWFiY2RlZg$ghulklH/BsB4ccR0B5jNwQ"
      })
  void shouldKnowThePasswordOfAForeignHash(String hash) {
    assertThat(Argon2id.matches("pässword", hash)).isTrue();
    assertThat(Argon2id.matches("password", hash)).isFalse();
  }

  @Test
  void shouldKnowThePasswordOfItsOwnHash() {
    // When
    String hash = Argon2id.hash("correct horse");
    // Then
    assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
    assertThat(Argon2id.matches("correct horse", hash)).isTrue();
    assertThat(Argon2id.matches("correct horsf", hash)).isFalse();
  }

  @Test
  void shouldSaltEachHash() {
    assertThat(Argon2id.hash("correct horse")).isNotEqualTo(Argon2id.hash("correct horse"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "correct horse",
        "$argon2i$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$ghulklH/BsB4ccR0B5jNwQ",
        "$argon2id$v=16$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$ghulklH/BsB4ccR0B5jNwQ",
        "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"
      })
  void shouldRefuseWhatIsNoHash(String hash) {
    assertThatThrownBy(() -> Argon2id.matches("correct horse", hash))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
