/** What people read of ratings: leaderboards, an agent's records, a user's totals. Reads only. */
package org.rlarena.rating.board;
