package org.rlarena.rating.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EloSettingsTest {

  @ParameterizedTest
  @CsvSource({"0, 40", "9, 40", "10, 32", "19, 32", "20, 24", "500, 24"})
  void shouldLowerKWithExperience(int games, int k) {
    assertThat(EloTest.SETTINGS.k(games)).isEqualTo(k);
  }

  @Test
  void shouldNameTheSettingThatCannotBe() {
    assertThatThrownBy(() -> new EloSettings(100, 200, 40, 10, 32, 20, 24))
        .hasMessage("arena.rating: start must not lie below floor");
    assertThatThrownBy(() -> new EloSettings(1200, 0, 40, 10, 32, 5, 24))
        .hasMessage("arena.rating: settling-games must not lie below newcomer-games");
  }
}
