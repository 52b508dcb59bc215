/**
 * Challenges: a user lets an own agent play another one, unrated, at once. Decides who may and how
 * often; the match itself is like any other.
 */
package org.rlarena.match.challenge;
