/** Reads the topics, and makes a delivery for each hook that an event concerns. */
package org.rlarena.webhook.events;
