/** Answers that many ask for and that may be a second old: leaderboards and lists of agents. */
package org.rlarena.gateway.cache;
