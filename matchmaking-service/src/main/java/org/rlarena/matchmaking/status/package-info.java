/** What people may see of the queue: counts, and where one agent is. Reads only. */
package org.rlarena.matchmaking.status;
