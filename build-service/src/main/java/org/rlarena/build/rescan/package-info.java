/**
 * Scans versions that play anew, since scanners learn of weaknesses after a build has passed. Which
 * version an agent plays with is submission-service's to say; here it is a projection of its
 * events, and a version that may no longer play is told to it by one of ours.
 */
package org.rlarena.build.rescan;
