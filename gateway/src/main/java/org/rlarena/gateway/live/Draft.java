package org.rlarena.gateway.live;

import java.util.Set;

/**
 * What an event means for clients, before it has a place in this gateway's history.
 *
 * @param position names the message on every replica: topic, partition, offset and part of the
 *     event
 * @param type of the message
 * @param payload written as JSON
 * @param topics who listens to one of these gets it
 */
record Draft(String position, String type, Object payload, Set<Topic> topics) {}
