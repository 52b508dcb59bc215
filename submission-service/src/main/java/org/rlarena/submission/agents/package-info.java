/**
 * What this service knows of agents: a projection of {@code agent.changed}, plus the numbers that
 * are given out under an agent's row lock. The agents themselves belong to agent-service.
 */
package org.rlarena.submission.agents;
