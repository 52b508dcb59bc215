package org.rlarena.gateway.bus;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.rlarena.gateway.bus.BusListener.Start;

/** How far each partition was read; outlives the consumer that read it. Not thread-safe. */
class Positions {

  private final Map<TopicPartition, Long> next = new HashMap<>();
  private Map<TopicPartition, Long> firstEnds;

  /**
   * Assigns all partitions of the topics that exist and sets each where it was, or at its start.
   *
   * @return whether all topics exist
   */
  boolean assign(
      KafkaConsumer<String, byte[]> consumer,
      Map<String, Start> wanted,
      Duration recent,
      Duration timeout) {
    Map<String, List<PartitionInfo>> existing = consumer.listTopics(timeout);
    List<TopicPartition> partitions = new ArrayList<>();
    List<TopicPartition> fromBeginning = new ArrayList<>();
    Map<TopicPartition, Long> byTime = new HashMap<>();
    long since = Instant.now().minus(recent).toEpochMilli();
    wanted.forEach(
        (topic, start) -> {
          for (PartitionInfo info : existing.getOrDefault(topic, List.of())) {
            TopicPartition partition = new TopicPartition(topic, info.partition());
            partitions.add(partition);
            if (start == Start.BEGINNING) {
              fromBeginning.add(partition);
            } else if (!next.containsKey(partition)) {
              byTime.put(partition, since);
            }
          }
        });
    boolean all = existing.keySet().containsAll(wanted.keySet());
    if (consumer.assignment().size() == partitions.size()) {
      return all;
    }
    next.putAll(startsByTime(consumer, byTime, timeout));
    consumer.assign(partitions);
    for (TopicPartition partition : partitions) {
      Long position = next.get(partition);
      if (position == null) {
        consumer.seekToBeginning(List.of(partition));
      } else {
        consumer.seek(partition, position);
      }
    }
    if (firstEnds == null && all) {
      firstEnds = consumer.endOffsets(fromBeginning, timeout);
    }
    return all;
  }

  void passed(ConsumerRecord<String, byte[]> record) {
    next.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
  }

  /** Whether all that stood in the topics read from their beginning at first has been read. */
  boolean reachedFirstEnds(KafkaConsumer<String, byte[]> consumer) {
    return firstEnds != null
        && firstEnds.entrySet().stream()
            .allMatch(
                end ->
                    consumer.assignment().contains(end.getKey())
                        && consumer.position(end.getKey()) >= end.getValue());
  }

  private static Map<TopicPartition, Long> startsByTime(
      KafkaConsumer<String, byte[]> consumer, Map<TopicPartition, Long> byTime, Duration timeout) {
    if (byTime.isEmpty()) {
      return Map.of();
    }
    Map<TopicPartition, Long> starts = new HashMap<>(consumer.endOffsets(byTime.keySet(), timeout));
    for (Map.Entry<TopicPartition, OffsetAndTimestamp> found :
        consumer.offsetsForTimes(byTime, timeout).entrySet()) {
      if (found.getValue() != null) {
        starts.put(found.getKey(), found.getValue().offset());
      }
    }
    return starts;
  }
}
