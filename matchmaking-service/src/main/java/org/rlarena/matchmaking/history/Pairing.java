package org.rlarena.matchmaking.history;

import jakarta.persistence.CollectionTable;
import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.FetchType;
import jakarta.persistence.Id;
import jakarta.persistence.JoinColumn;
import jakarta.persistence.OrderColumn;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.rlarena.matchmaking.model.PairingReason;

/**
 * A rated match that was asked for. The first end that is told closes it for good; later ones
 * change nothing. While it is open, a unique index keeps its agents out of any other.
 *
 * <p>It is changed under its row's lock (see {@link Pairings#lock}), hence no optimistic version.
 */
@Entity
@Table(name = "pairing")
public class Pairing {

  @Id UUID matchId;
  String environmentId;
  long seed;

  @Enumerated(EnumType.STRING)
  PairingReason reason;

  Instant requestedAt;

  @Enumerated(EnumType.STRING)
  PairingState state;

  /** Whether ratings followed from the match. */
  boolean rated;

  Instant closedAt;

  @ElementCollection(fetch = FetchType.LAZY)
  @CollectionTable(name = "pairing_seat", joinColumns = @JoinColumn(name = "match_id"))
  @OrderColumn(name = "seat")
  List<PairingSeat> seats;

  protected Pairing() {}

  /**
   * @param seats in seat order
   */
  public Pairing(
      UUID matchId,
      String environmentId,
      long seed,
      PairingReason reason,
      List<PairingSeat> seats,
      Instant requestedAt) {
    this.matchId = matchId;
    this.environmentId = environmentId;
    this.seed = seed;
    this.reason = reason;
    this.seats = new ArrayList<>(seats);
    this.requestedAt = requestedAt;
    this.state = PairingState.OPEN;
  }

  /**
   * The match was played.
   *
   * @return false if the pairing was closed before
   */
  public boolean finish(boolean counts, Instant at) {
    if (!close(PairingState.FINISHED, at)) {
      return false;
    }
    rated = counts;
    return true;
  }

  /** The platform gave the match up; false if the pairing was closed before. */
  public boolean fail(Instant at) {
    return close(PairingState.FAILED, at);
  }

  /** The match was called off; false if the pairing was closed before. */
  public boolean cancel(Instant at) {
    return close(PairingState.CANCELLED, at);
  }

  /** The agents in seat order. */
  public List<UUID> agents() {
    return seats.stream().map(PairingSeat::agentId).toList();
  }

  private boolean close(PairingState end, Instant at) {
    if (state != PairingState.OPEN) {
      return false;
    }
    state = end;
    closedAt = at;
    seats.replaceAll(PairingSeat::closed);
    return true;
  }
}
