package org.rlarena.matchmaking.model;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * What an agent's past says about its next match. Challenges do not count in any of it.
 *
 * @param lastFinishedAt end of its last match that was played; empty before the first
 * @param matchesToday matches given to it on the current day (UTC), without those that were never
 *     played
 * @param gamesOfVersion rated games of the version that plays
 * @param lastOpponent the other one in the last match given to it; empty before the first
 * @param firstSeatSurplus how much oftener it sat first than second of late; negative for second
 */
public record PlayRecord(
    Optional<Instant> lastFinishedAt,
    int matchesToday,
    int gamesOfVersion,
    Optional<UUID> lastOpponent,
    int firstSeatSurplus) {

  /** Of an agent that never played. */
  public static final PlayRecord EMPTY =
      new PlayRecord(Optional.empty(), 0, 0, Optional.empty(), 0);

  public PlayRecord {
    requireNonNull(lastFinishedAt, "lastFinishedAt");
    requireNonNull(lastOpponent, "lastOpponent");
  }
}
