/**
 * Build attempts: what was asked for, who works on it, how far it is and how it ended. An attempt
 * is worked on by one worker at a time, under a lease in the database; whoever has lost its lease
 * can change nothing any more.
 */
package org.rlarena.build.attempt;
