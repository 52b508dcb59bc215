/**
 * Decides who plays whom: keeps the queue of agents that want to play and asks for rated matches.
 * It neither plays nor rates them.
 */
package org.rlarena.matchmaking;
