package org.rlarena.infra.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads one topic from its beginning, outside any consumer group. Not thread-safe. */
final class TopicReader implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration POLL = Duration.ofMillis(50);

  private final KafkaConsumer<String, byte[]> consumer;
  private final List<TopicPartition> partitions;
  private final List<ReceivedEvent> seen = new ArrayList<>();

  TopicReader(String bootstrapServers, String topic) {
    consumer =
        new KafkaConsumer<>(
            Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest",
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                15_000),
            new StringDeserializer(),
            new ByteArrayDeserializer());
    partitions =
        consumer.partitionsFor(topic).stream()
            .map(p -> new TopicPartition(topic, p.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
  }

  /** Reads up to what the topic held when called; waits shortly when there is nothing new. */
  List<ReceivedEvent> readAll() {
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    do {
      consumer.poll(POLL).forEach(record -> seen.add(event(record)));
    } while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p)));
    return List.copyOf(seen);
  }

  @Override
  public void close() {
    consumer.close();
  }

  private static ReceivedEvent event(ConsumerRecord<String, byte[]> record) {
    var headers = new LinkedHashMap<String, String>();
    record
        .headers()
        .forEach(
            header ->
                headers.put(
                    header.key(),
                    header.value() == null
                        ? ""
                        : new String(header.value(), StandardCharsets.UTF_8)));
    return new ReceivedEvent(
        headers.get("ce_id"),
        headers.get("ce_type"),
        record.key(),
        headers.get("ce_subject"),
        data(record.value()),
        headers);
  }

  private static JsonNode data(byte[] value) {
    if (value == null) {
      return MissingNode.getInstance();
    }
    try {
      return JSON.readTree(value);
    } catch (IOException e) {
      return TextNode.valueOf(new String(value, StandardCharsets.UTF_8));
    }
  }
}
