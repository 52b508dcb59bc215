package org.rlarena.rating.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EloTest {

  static final EloSettings SETTINGS = new EloSettings(1200, 0, 40, 10, 32, 20, 24);

  @ParameterizedTest(name = "{0} ({2} games) against {1} ({3} games), {4} points -> {5}, {6}")
  @CsvSource({
    "1500, 1500,  0,  0, 1.0, 1520, 1480",
    "1500, 1500,  0,  0, 0.5, 1500, 1500",
    "1500, 1500,  9, 10, 1.0, 1520, 1484",
    "1500, 1500, 19, 20, 0.0, 1484, 1512",
    "1600, 1500,  0,  0, 1.0, 1614, 1486",
    "1600, 1500,  0,  0, 0.0, 1574, 1526",
    "1600, 1500, 25, 25, 0.5, 1597, 1503",
    "1200, 1800,  5, 50, 1.0, 1239, 1777",
    "1800, 1200, 50,  5, 1.0, 1801, 1199",
    "  10,   10,  0,  0, 0.0,    0,   30",
  })
  void shouldRateTwoAsPublished(
      int rating1, int rating2, int games1, int games2, double points1, int after1, int after2) {
    // Given
    var one = new Contestant(rating1, games1, points1 == 0 ? 2 : 1);
    var two = new Contestant(rating2, games2, points1 == 1 ? 2 : 1);

    // When
    List<Integer> after = Elo.rate(SETTINGS, List.of(one, two));

    // Then
    assertThat(after).containsExactly(after1, after2);
  }

  @ParameterizedTest
  @CsvSource({"1500, 1500, 0.5", "1600, 1200, 0.909091", "1200, 1600, 0.090909"})
  void shouldExpectPointsByTheLogisticCurve(int rating, int opponent, double expected) {
    assertThat(Elo.expected(rating, opponent)).isCloseTo(expected, within(1e-6));
  }

  @Test
  void shouldRoundHalvesAwayFromZero() {
    // Given: K 25 makes the draw of two points' surprise end on a half
    var settings = new EloSettings(1200, 0, 25, 10, 25, 20, 25);

    // When
    List<Integer> after =
        Elo.rate(settings, List.of(new Contestant(1500, 0, 1), new Contestant(1500, 0, 2)));

    // Then: 1512.5 and 1487.5
    assertThat(after).containsExactly(1513, 1488);
  }

  @Test
  void shouldRateFourAsAllTheirPairs() {
    // Given
    var equals =
        List.of(
            new Contestant(1200, 0, 1),
            new Contestant(1200, 0, 2),
            new Contestant(1200, 0, 3),
            new Contestant(1200, 0, 4));

    // When
    List<Integer> after = Elo.rate(SETTINGS, equals);

    // Then: a share of 40/3 for each half point above or below what was expected
    assertThat(after).containsExactly(1220, 1207, 1193, 1180);
  }

  @Test
  void shouldLetTiedContestantsShareTheirPoint() {
    // When
    List<Integer> after =
        Elo.rate(
            SETTINGS,
            List.of(
                new Contestant(1200, 0, 1),
                new Contestant(1200, 0, 1),
                new Contestant(1200, 0, 3)));

    // Then
    assertThat(after).containsExactly(1210, 1210, 1180);
  }

  @Test
  void shouldRefuseAMatchOfOne() {
    assertThatThrownBy(() -> Elo.rate(SETTINGS, List.of(new Contestant(1200, 0, 1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least two");
  }
}
