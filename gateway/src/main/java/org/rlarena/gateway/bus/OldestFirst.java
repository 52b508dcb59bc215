package org.rlarena.gateway.bus;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * The order in which events that were read together are handed on. The bus keeps order in a
 * partition alone, and a poll brings one partition after the other: who listens would be told that
 * a version plays before it was built.
 */
final class OldestFirst {

  private OldestFirst() {}

  /**
   * All records, by their time between partitions, and within each as they stand there. What one
   * poll brought and the next did not yet have may still come in another order.
   */
  static <K, V> List<ConsumerRecord<K, V>> of(ConsumerRecords<K, V> polled) {
    var partitions =
        new PriorityQueue<Queue<ConsumerRecord<K, V>>>(
            Comparator.comparingLong(partition -> partition.element().timestamp()));
    for (TopicPartition partition : polled.partitions()) {
      partitions.add(new ArrayDeque<>(polled.records(partition)));
    }
    var ordered = new ArrayList<ConsumerRecord<K, V>>(polled.count());
    while (!partitions.isEmpty()) {
      Queue<ConsumerRecord<K, V>> oldest = partitions.remove();
      ordered.add(oldest.remove());
      if (!oldest.isEmpty()) {
        partitions.add(oldest);
      }
    }
    return ordered;
  }
}
