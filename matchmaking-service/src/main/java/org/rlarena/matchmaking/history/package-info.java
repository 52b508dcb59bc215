/** The rated matches that were asked for, from the request to their end, and who met whom how. */
package org.rlarena.matchmaking.history;
