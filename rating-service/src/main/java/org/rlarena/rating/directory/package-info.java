/**
 * What this service knows of its neighbours' agents, users and active versions: projections of
 * their events, newest sequence wins, tombstones stay for ever.
 */
package org.rlarena.rating.directory;
