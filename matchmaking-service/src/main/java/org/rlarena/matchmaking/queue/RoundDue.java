package org.rlarena.matchmaking.queue;

/**
 * Something changed after which a round may find a pair; fired in the transaction that changes it.
 *
 * @param environmentId where
 */
public record RoundDue(String environmentId) {}
