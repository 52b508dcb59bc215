/**
 * Who wants to play: every agent with an active version that is live, enabled and not in an open
 * rated match has an entry. Listeners tell of changes; {@link
 * org.rlarena.matchmaking.queue.Queue#reconsider} draws the one conclusion from all of them.
 */
package org.rlarena.matchmaking.queue;
