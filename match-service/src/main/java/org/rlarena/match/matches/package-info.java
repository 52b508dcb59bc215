/**
 * The match: from request to result, its events, and the public pages about it. Knows nothing of
 * executors; who plays a match leases it from here and brings the result back.
 */
package org.rlarena.match.matches;
