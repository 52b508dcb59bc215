package org.rlarena.gateway.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class OldestFirstTest {

  private final Map<TopicPartition, List<ConsumerRecord<String, String>>> read =
      new LinkedHashMap<>();

  @Test
  void shouldHandOnWhatFollowsFromAnEventAfterIt() {
    partition("activated", 30, 60);
    partition("built", 20, 50);
    partition("created", 10, 40);

    assertThat(ordered())
        .containsExactly(
            "created@0", "built@0", "activated@0", "created@1", "built@1", "activated@1");
  }

  @Test
  void shouldKeepTheOrderOfAPartitionWhateverItsTimesSay() {
    partition("built", 50, 10, 20);
    partition("created", 40, 60);

    assertThat(ordered())
        .containsExactly("created@0", "built@0", "built@1", "built@2", "created@1");
  }

  @Test
  void shouldHandOnNothingOfAnEmptyPoll() {
    assertThat(ordered()).isEmpty();
  }

  private void partition(String topic, long... timestamps) {
    List<ConsumerRecord<String, String>> records = new ArrayList<>();
    for (long timestamp : timestamps) {
      records.add(
          new ConsumerRecord<>(
              topic,
              0,
              records.size(),
              timestamp,
              TimestampType.CREATE_TIME,
              0,
              0,
              "key",
              "value",
              new RecordHeaders(),
              Optional.empty()));
    }
    read.put(new TopicPartition(topic, 0), records);
  }

  private List<String> ordered() {
    return OldestFirst.of(new ConsumerRecords<>(read, Map.of())).stream()
        .map(record -> record.topic() + "@" + record.offset())
        .toList();
  }
}
