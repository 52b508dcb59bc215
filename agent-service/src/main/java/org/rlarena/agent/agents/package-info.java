/**
 * Agents: what users create, describe, enter into play and delete. Standings and the version that
 * plays are other services' facts, kept here as copies for lists.
 */
package org.rlarena.agent.agents;
