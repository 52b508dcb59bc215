package org.rlarena.match.matches;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.UUID;

/**
 * A match to be played.
 *
 * @param environmentVersion version in the catalogue when it was requested
 * @param seed 1 to 2^53-1, secret until the end
 * @param pairingReason why these agents met; null for a challenge
 * @param challengerId who asked for it; null unless it is a challenge
 * @param seats two or more different agents, in seat order
 */
public record NewMatch(
    UUID id,
    MatchKind kind,
    boolean rated,
    String environmentId,
    String environmentVersion,
    long seed,
    String pairingReason,
    UUID challengerId,
    List<Seat> seats) {

  /** Largest seed: every JSON reader holds it exactly. */
  public static final long MAX_SEED = (1L << 53) - 1;

  public NewMatch {
    requireNonNull(id, "id");
    requireNonNull(kind, "kind");
    requireNonNull(environmentId, "environmentId");
    requireNonNull(environmentVersion, "environmentVersion");
    seats = List.copyOf(seats);
    if (seed < 1 || seed > MAX_SEED) {
      throw new IllegalArgumentException("seed must be 1 to 2^53-1");
    }
    if (seats.size() < 2 || seats.stream().map(Seat::agentId).distinct().count() < seats.size()) {
      throw new IllegalArgumentException("seats must hold two or more different agents");
    }
  }
}
