package org.rlarena.matchmaking.history;

/** Where a pairing is; every state but {@link #OPEN} is final. */
public enum PairingState {
  /** Asked for; the match waits, runs, or its end has not been heard of. */
  OPEN,
  /** Played, with or without a result that counts. */
  FINISHED,
  /** Given up by the platform; counts for nobody. */
  FAILED,
  /** Called off before it was played; counts for nobody. */
  CANCELLED
}
