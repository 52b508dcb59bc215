/**
 * Executors: which live, how much they can take and what they play, and the published snapshot of
 * the environments they offer. Knows nothing of matches.
 */
package org.rlarena.match.executors;
