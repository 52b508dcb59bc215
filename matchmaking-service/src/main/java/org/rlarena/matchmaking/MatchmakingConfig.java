package org.rlarena.matchmaking;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;
import org.rlarena.matchmaking.model.PairingSettings;

/** Settings of matchmaking. All rules bind both agents of a match alike. */
@ConfigMapping(prefix = "arena.matchmaking")
public interface MatchmakingConfig {

  /** How often every environment has a round, whatever happens in between. */
  @WithDefault("30s")
  Duration roundInterval();

  /** How often to look for agents whose window has widened or whose rest is over. */
  @WithDefault("1s")
  Duration lookInterval();

  /** First width of an agent's window and of each widening, in rating points. */
  @WithDefault("100")
  int windowStep();

  /** Waiting time after which the window widens by a step. */
  @WithDefault("5s")
  Duration windowInterval();

  /** Widest window, in rating points. */
  @WithDefault("500")
  int windowMax();

  /** Waiting time after which an agent plays the nearest free opponent. */
  @WithDefault("60s")
  Duration anyoneAfter();

  /** Rated matches an agent may be given per day (UTC). */
  @WithDefault("100")
  int dailyLimit();

  /** Rest of an agent after a finished rated match. */
  @WithDefault("5m")
  Duration cooldown();

  /** Rated games of a version during which its agent needs no rest. */
  @WithDefault("30")
  int cooldownFreeGames();

  /** Whether agents of one owner may meet in rated matches. */
  @WithDefault("false")
  boolean allowSameOwner();

  /** Rating taken for an agent without a rated match, in rating points. */
  @WithDefault("1200")
  int startRating();

  /** The numbers of the pairing rules as a value. */
  default PairingSettings pairing() {
    return new PairingSettings(
        windowStep(),
        windowInterval(),
        windowMax(),
        anyoneAfter(),
        dailyLimit(),
        cooldown(),
        cooldownFreeGames(),
        allowSameOwner());
  }
}
