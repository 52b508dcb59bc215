package org.rlarena.matchmaking.model;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Decides who sits where. */
public final class Seating {

  private Seating() {}

  /**
   * The agents of a pair in seat order. Who sat first in the last game of the two now sits second;
   * two who never played are seated so that each one's games as first and second even out.
   *
   * @param firstLastTime who sat first when the two played last; empty if they never did
   * @param coin decides when nothing else does
   */
  public static List<Candidate> seats(Pair pair, Optional<UUID> firstLastTime, boolean coin) {
    boolean oneFirst =
        firstLastTime
            .map(first -> !first.equals(pair.one().agentId()))
            .orElseGet(() -> satFirstLess(pair, coin));
    return oneFirst ? List.of(pair.one(), pair.other()) : List.of(pair.other(), pair.one());
  }

  private static boolean satFirstLess(Pair pair, boolean coin) {
    int one = pair.one().past().firstSeatSurplus();
    int other = pair.other().past().firstSeatSurplus();
    return one == other ? coin : one < other;
  }
}
