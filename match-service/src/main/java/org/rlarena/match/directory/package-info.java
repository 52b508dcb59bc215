/**
 * What this service knows of agents, their active versions and environments: projections of the
 * neighbours' events, and for commands one bounded question to the owner when a row is missing.
 * Decides nothing about matches.
 */
package org.rlarena.match.directory;
