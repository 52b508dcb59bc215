/**
 * Turns an uploaded version of an agent into a bundle that an executor can play: unpacks the
 * upload, collects its packages, checks it, lets the executor play a validation game with it and
 * records what a scanner says. What an upload is and which version is active is
 * submission-service's matter.
 *
 * <p>This package holds the few types that all features of the service share.
 */
package org.rlarena.build;
