package org.rlarena.infra.testing;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;

/**
 * A record as it stood on a topic.
 *
 * @param id header {@code ce_id}, null without one
 * @param type header {@code ce_type}, null without one
 * @param key the record's key, may be null
 * @param subject header {@code ce_subject}, null without one
 * @param data the payload; a text node with the raw text where it is no JSON
 * @param headers all headers, the last value of each name
 */
public record ReceivedEvent(
    String id,
    String type,
    String key,
    String subject,
    JsonNode data,
    Map<String, String> headers) {}
