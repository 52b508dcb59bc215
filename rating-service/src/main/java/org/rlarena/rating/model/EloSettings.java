package org.rlarena.rating.model;

/**
 * The constants of {@link Elo}.
 *
 * @param start rating before the first match, in Elo points, not below the floor
 * @param floor lowest rating, in Elo points, at least 0
 * @param newcomerK K below {@code newcomerGames} matches
 * @param newcomerGames number of matches, at least 0
 * @param settlingK K from {@code newcomerGames} up to below {@code settlingGames} matches
 * @param settlingGames number of matches, not below {@code newcomerGames}
 * @param establishedK K from {@code settlingGames} matches on
 */
public record EloSettings(
    int start,
    int floor,
    int newcomerK,
    int newcomerGames,
    int settlingK,
    int settlingGames,
    int establishedK) {

  public EloSettings {
    require(floor >= 0, "floor must not be negative");
    require(start >= floor, "start must not lie below floor");
    require(newcomerK > 0, "newcomer-k must be positive");
    require(settlingK > 0, "settling-k must be positive");
    require(establishedK > 0, "established-k must be positive");
    require(newcomerGames >= 0, "newcomer-games must not be negative");
    require(settlingGames >= newcomerGames, "settling-games must not lie below newcomer-games");
  }

  /**
   * How far one match may move an agent.
   *
   * @param games rated matches the agent had played before
   */
  public int k(int games) {
    if (games < newcomerGames) {
      return newcomerK;
    }
    return games < settlingGames ? settlingK : establishedK;
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException("arena.rating: " + message);
    }
  }
}
