package org.rlarena.webhook.deliveries;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;

/**
 * What is sent, by the convention of Standard Webhooks.
 *
 * @param type of the event
 * @param timestamp when it happened, UTC
 * @param data the event's payload as it is on its topic
 */
@RegisterForReflection
public record Message(String type, Instant timestamp, JsonNode data) {}
