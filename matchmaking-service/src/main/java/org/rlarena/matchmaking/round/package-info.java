/** Rounds: who of those waiting plays whom, and the request for their match. */
package org.rlarena.matchmaking.round;
