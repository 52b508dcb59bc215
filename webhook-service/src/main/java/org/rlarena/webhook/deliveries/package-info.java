/** Brings what happened to the hooks, again and again until it is taken, and keeps a log. */
package org.rlarena.webhook.deliveries;
