package org.rlarena.matchmaking.model;

/**
 * Two agents that are to play each other; their seats are not decided yet.
 *
 * @param one the one that waits longer
 * @param other its opponent
 */
public record Pair(Candidate one, Candidate other, PairingReason reason) {}
