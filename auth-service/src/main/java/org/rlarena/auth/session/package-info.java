/**
 * Log-ins that last: what a user sees as a session, its tokens and its refresh tokens. Knows users
 * by their ids alone.
 */
package org.rlarena.auth.session;
