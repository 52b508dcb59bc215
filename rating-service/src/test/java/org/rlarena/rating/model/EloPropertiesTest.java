package org.rlarena.rating.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class EloPropertiesTest {

  private static final EloSettings SETTINGS = EloTest.SETTINGS;

  @Property
  void shouldMoveNobodyByMoreThanK(@ForAll("matches") List<Contestant> match) {
    List<Integer> after = Elo.rate(SETTINGS, match);

    for (int seat = 0; seat < match.size(); seat++) {
      Contestant before = match.get(seat);
      assertThat(Math.abs(after.get(seat) - before.rating()))
          .isLessThanOrEqualTo(SETTINGS.k(before.games()));
      assertThat(after.get(seat)).isNotNegative();
    }
  }

  @Property
  void shouldNotCareAboutSeats(@ForAll("matches") List<Contestant> match) {
    assertThat(Elo.rate(SETTINGS, match.reversed()))
        .isEqualTo(Elo.rate(SETTINGS, match).reversed());
  }

  @Property
  void shouldNeverCostTheWinnerOfTwoPoints(
      @ForAll("contestants") Contestant one, @ForAll("contestants") Contestant two) {
    var winner = new Contestant(one.rating(), one.games(), 1);
    var loser = new Contestant(two.rating(), two.games(), 2);

    List<Integer> after = Elo.rate(SETTINGS, List.of(winner, loser));

    assertThat(after.get(0)).isGreaterThanOrEqualTo(winner.rating());
    assertThat(after.get(1)).isLessThanOrEqualTo(loser.rating());
  }

  @Provide
  Arbitrary<List<Contestant>> matches() {
    return contestants().list().ofMinSize(2).ofMaxSize(6);
  }

  @Provide
  Arbitrary<Contestant> contestants() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 4000),
            Arbitraries.integers().between(0, 40),
            Arbitraries.integers().between(1, 6))
        .as(Contestant::new);
  }
}
