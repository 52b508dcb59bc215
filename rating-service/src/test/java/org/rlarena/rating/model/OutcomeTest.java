package org.rlarena.rating.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class OutcomeTest {

  @Test
  void shouldBeAWinForTheOnlyBest() {
    assertThat(Outcome.of(1, List.of(1, 2))).isEqualTo(Outcome.WIN);
    assertThat(Outcome.of(2, List.of(1, 2))).isEqualTo(Outcome.LOSS);
  }

  @Test
  void shouldBeADrawForThoseWhoShareTheFirstPlace() {
    assertThat(Outcome.of(1, List.of(1, 1, 3))).isEqualTo(Outcome.DRAW);
    assertThat(Outcome.of(3, List.of(1, 1, 3))).isEqualTo(Outcome.LOSS);
  }
}
