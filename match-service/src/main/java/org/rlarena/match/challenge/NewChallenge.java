package org.rlarena.match.challenge;

/**
 * Which agents are to meet, in seat order.
 *
 * @param agent1Id UUID of the agent in the first seat
 * @param agent2Id UUID of the agent in the second seat
 */
public record NewChallenge(String agent1Id, String agent2Id) {}
