/**
 * Events in and out of a service, in the transaction of what they are about.
 *
 * <p>{@link org.rlarena.outbox.Outbox} stores events to publish, {@link
 * org.rlarena.outbox.OutboxRelay} sends them, {@link org.rlarena.outbox.Inbox} runs listeners at
 * most once per event. Delivery is at least once; order holds per topic and key.
 */
package org.rlarena.outbox;
