package org.rlarena.webhook.deliveries;

/** A delivery may be due; fired in the transaction that made it so. */
record DeliveryWaiting() {}
