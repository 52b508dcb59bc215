package org.rlarena.matchmaking.model;

/** Why two agents were paired. */
public enum PairingReason {
  /** Their ratings lie within the first window. */
  CLOSE_RATING,
  /** Their ratings lie within windows that widened while they waited. */
  WIDENED_WINDOW,
  /** One of them has waited so long that anyone would do. */
  WAITED_LONG
}
