package org.rlarena.matchmaking.status;

/**
 * Agents of one environment between and in rated matches.
 *
 * @param waiting those that wait for an opponent
 * @param resting those that may play later
 * @param openMatches rated matches asked for and not ended
 */
public record QueueStatus(String environmentId, long waiting, long resting, long openMatches) {}
