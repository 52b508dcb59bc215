package org.rlarena.matchmaking.model;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** A reason for which an agent has to rest; it binds both agents of a match alike. */
@FunctionalInterface
public interface RestPolicy {

  /** All of them. */
  List<RestPolicy> ALL = List.of(RestPolicy::cooldown, RestPolicy::dailyLimit);

  /** From when on this policy lets the agent play; any time up to {@code now} means at once. */
  Instant readyAt(PlayRecord past, PairingSettings settings, Instant now);

  /** From when on all policies let the agent play, not before {@code now}. */
  static Instant earliest(PlayRecord past, PairingSettings settings, Instant now) {
    return ALL.stream()
        .map(policy -> policy.readyAt(past, settings, now))
        .reduce(now, (one, other) -> one.isAfter(other) ? one : other);
  }

  /** When the rest after its last match ends, if the agent is in it. */
  static Optional<Instant> cooldownUntil(PlayRecord past, PairingSettings settings, Instant now) {
    return Optional.of(cooldown(past, settings, now)).filter(end -> end.isAfter(now));
  }

  /**
   * A version's first games follow each other without rest: its author wants to see how it does.
   */
  private static Instant cooldown(PlayRecord past, PairingSettings settings, Instant now) {
    if (past.gamesOfVersion() < settings.cooldownFreeGames()) {
      return now;
    }
    return past.lastFinishedAt().map(end -> end.plus(settings.cooldown())).orElse(now);
  }

  private static Instant dailyLimit(PlayRecord past, PairingSettings settings, Instant now) {
    return past.matchesToday() < settings.dailyLimit() ? now : nextDay(now);
  }

  private static Instant nextDay(Instant now) {
    return now.atOffset(ZoneOffset.UTC).truncatedTo(ChronoUnit.DAYS).plusDays(1).toInstant();
  }
}
