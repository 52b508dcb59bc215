package org.rlarena.agent.agents;

/**
 * Body of {@code PUT /agents/{id}}.
 *
 * @param name required, 1 to 100 characters, spaces at its ends are cut
 * @param description at most 2000 characters; null keeps the one there is
 */
public record AgentChange(String name, String description) {}
