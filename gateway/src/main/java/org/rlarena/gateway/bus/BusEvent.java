package org.rlarena.gateway.bus;

/**
 * One record of a topic.
 *
 * @param topic without the suite's prefix
 * @param partition of the topic
 * @param offset in the partition
 * @param type CloudEvents type, such as {@code org.rlarena.match.finished.v1}; empty if it has none
 * @param data payload, JSON; not to be changed
 */
public record BusEvent(String topic, int partition, long offset, String type, byte[] data) {}
