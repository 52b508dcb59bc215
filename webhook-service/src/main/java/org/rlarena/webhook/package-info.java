/**
 * Webhooks: tells authors' own servers what happened to their agents.
 *
 * <p>Features: {@code hooks} (what authors register), {@code events} (which fact concerns whose
 * hooks) and {@code deliveries} (bringing it there, and the log of that).
 */
package org.rlarena.webhook;
