package org.rlarena.rating;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import org.rlarena.rating.model.EloSettings;

/**
 * Settings of the rating system. A change applies to matches rated from then on: the ledger keeps,
 * with each entry, the settings it was rated under.
 */
@ConfigMapping(prefix = "arena.rating")
public interface RatingConfig {

  /** Rating of an agent before its first rated match, in Elo points. */
  @WithDefault("1200")
  int start();

  /** No rating falls below this, in Elo points. */
  @WithDefault("0")
  int floor();

  /** K of an agent that has played fewer than {@link #newcomerGames} rated matches. */
  @WithDefault("40")
  int newcomerK();

  /** How many rated matches an agent counts as a newcomer for. */
  @WithDefault("10")
  int newcomerGames();

  /** K of an agent past its newcomer matches, below {@link #settlingGames}. */
  @WithDefault("32")
  int settlingK();

  /** From how many rated matches on an agent counts as established. */
  @WithDefault("20")
  int settlingGames();

  /** K of an established agent. */
  @WithDefault("24")
  int establishedK();

  /** The same as a value that formulas take. */
  default EloSettings elo() {
    return new EloSettings(
        start(),
        floor(),
        newcomerK(),
        newcomerGames(),
        settlingK(),
        settlingGames(),
        establishedK());
  }
}
