package org.rlarena.match.matches;

/** Fired in the transaction that makes a match wait; observe it after commit. A hint, no more. */
public record MatchWaiting() {}
