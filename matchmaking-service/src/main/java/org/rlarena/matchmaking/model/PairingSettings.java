package org.rlarena.matchmaking.model;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The numbers of the pairing rules.
 *
 * @param windowStep rating points by which an agent's window is wide at first, and widens
 * @param windowInterval waiting time after which the window widens by another step
 * @param windowMax widest window, in rating points
 * @param anyoneAfter waiting time after which an agent plays the nearest free opponent
 * @param dailyLimit rated matches an agent may be given per day (UTC)
 * @param cooldown rest after a finished match
 * @param cooldownFreeGames rated games of a version during which its agent needs no rest
 * @param allowSameOwner whether agents of one owner may meet
 */
public record PairingSettings(
    int windowStep,
    Duration windowInterval,
    int windowMax,
    Duration anyoneAfter,
    int dailyLimit,
    Duration cooldown,
    int cooldownFreeGames,
    boolean allowSameOwner) {

  public PairingSettings {
    require(windowStep > 0, "window-step must be positive");
    require(isPositive(windowInterval), "window-interval must be positive");
    require(windowMax >= windowStep, "window-max must not lie below window-step");
    require(!anyoneAfter.isNegative(), "anyone-after must not be negative");
    require(dailyLimit > 0, "daily-limit must be positive");
    require(!cooldown.isNegative(), "cooldown must not be negative");
    require(cooldownFreeGames >= 0, "cooldown-free-games must not be negative");
  }

  /**
   * How far an opponent's rating may lie from the agent's, in rating points; {@link
   * Integer#MAX_VALUE} when anyone will do.
   */
  public int window(Duration waited) {
    if (waited.compareTo(anyoneAfter) >= 0) {
      return Integer.MAX_VALUE;
    }
    long widenings = waited.isNegative() ? 0 : waited.dividedBy(windowInterval);
    return (int) Math.min(windowMax, windowStep * (widenings + 1));
  }

  /** When the window of an agent that waits since {@code since} next widens; empty if never. */
  public Optional<Instant> nextWidening(Instant since, Instant now) {
    Duration waited = Duration.between(since, now);
    if (waited.isNegative()) {
      return Optional.of(since);
    }
    if (waited.compareTo(anyoneAfter) >= 0) {
      return Optional.empty();
    }
    Instant anyone = since.plus(anyoneAfter);
    if (window(waited) >= windowMax) {
      return Optional.of(anyone);
    }
    Instant wider = since.plus(windowInterval.multipliedBy(waited.dividedBy(windowInterval) + 1));
    return Optional.of(wider.isBefore(anyone) ? wider : anyone);
  }

  private static boolean isPositive(Duration duration) {
    return !duration.isNegative() && !duration.isZero();
  }

  private static void require(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException("arena.matchmaking: " + message);
    }
  }
}
