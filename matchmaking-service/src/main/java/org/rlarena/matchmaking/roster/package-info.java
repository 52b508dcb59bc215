/**
 * What this service knows of its neighbours' agents, versions, ratings and environments:
 * projections of their events, newest sequence wins, tombstones stay for ever.
 */
package org.rlarena.matchmaking.roster;
