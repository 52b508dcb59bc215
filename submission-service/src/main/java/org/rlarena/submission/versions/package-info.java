/** Versions of agents: their life cycle from upload to play, over HTTP and events. */
package org.rlarena.submission.versions;
