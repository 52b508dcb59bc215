/**
 * Replays and agent logs: signed upload URLs for executors, the files, and what the public and the
 * owners may read of them.
 */
package org.rlarena.match.replays;
