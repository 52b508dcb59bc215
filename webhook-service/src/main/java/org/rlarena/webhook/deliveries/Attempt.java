package org.rlarena.webhook.deliveries;

import java.util.UUID;
import org.rlarena.webhook.hooks.Webhook;

/**
 * A leased delivery.
 *
 * @param leaseId proves that it is still ours when the outcome is stored
 * @param number of this attempt, from 1
 */
record Attempt(UUID deliveryId, UUID leaseId, int number, String body, Webhook hook) {}
