package org.rlarena.agent.agents;

/**
 * Body of {@code POST /agents}.
 *
 * @param name required, 1 to 100 characters, spaces at its ends are cut
 * @param description at most 2000 characters; null is the same as empty
 * @param environmentId required, id of an environment in the catalogue
 */
public record NewAgent(String name, String description, String environmentId) {}
