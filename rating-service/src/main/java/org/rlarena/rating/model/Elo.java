package org.rlarena.rating.model;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Elo in integers, after A. Elo, "The Rating of Chessplayers", with a K that falls with experience.
 *
 * <p>Two opponents may have different K and each side is rounded for itself, so what one wins is
 * not always what the other loses. A match of N is rated as all its pairs at once, each with
 * K/(N-1), so that no match moves anyone by more than K.
 */
public final class Elo {

  private Elo() {}

  /**
   * Ratings after a match.
   *
   * @param contestants in seat order, at least two
   * @return new ratings in the same order, never below the floor
   */
  public static List<Integer> rate(EloSettings settings, List<Contestant> contestants) {
    if (contestants.size() < 2) {
      throw new IllegalArgumentException("A match to rate has at least two contestants");
    }
    return IntStream.range(0, contestants.size())
        .mapToObj(seat -> after(settings, contestants, seat))
        .toList();
  }

  private static int after(EloSettings settings, List<Contestant> contestants, int seat) {
    Contestant own = contestants.get(seat);
    double surprise = 0;
    for (int other = 0; other < contestants.size(); other++) {
      if (other != seat) {
        Contestant opponent = contestants.get(other);
        surprise += score(own, opponent) - expected(own.rating(), opponent.rating());
      }
    }
    double share = (double) settings.k(own.games()) / (contestants.size() - 1);
    return Math.max(settings.floor(), round(own.rating() + share * surprise));
  }

  /** Share of points to expect of {@code rating} against {@code opponent}, between 0 and 1. */
  static double expected(int rating, int opponent) {
    return 1 / (1 + Math.pow(10, (opponent - rating) / 400.0));
  }

  private static double score(Contestant own, Contestant opponent) {
    return own.rank() == opponent.rank() ? 0.5 : own.rank() < opponent.rank() ? 1 : 0;
  }

  /** Half away from zero, unlike {@link Math#round}, which takes halves upwards. */
  private static int round(double value) {
    return new BigDecimal(value).setScale(0, RoundingMode.HALF_UP).intValueExact();
  }
}
