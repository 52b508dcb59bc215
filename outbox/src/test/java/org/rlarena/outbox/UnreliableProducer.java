package org.rlarena.outbox;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Kafka's own stand-in for a producer, which can also refuse single records. */
final class UnreliableProducer extends MockProducer<String, byte[]> {

  private final Map<String, RuntimeException> refusedPayloads = new HashMap<>();
  private final Map<String, RuntimeException> refusedTopics = new HashMap<>();
  private final List<String> attemptedTopics = new ArrayList<>();
  private Optional<RuntimeException> regular = Optional.empty();
  private int interval;

  UnreliableProducer() {
    super(true, null, new StringSerializer(), new ByteArraySerializer());
  }

  void refuse(String payload, RuntimeException cause) {
    refusedPayloads.put(payload, cause);
  }

  void refuseTopic(String topic, RuntimeException cause) {
    refusedTopics.put(topic, cause);
  }

  void refuseEvery(int records, RuntimeException cause) {
    interval = records;
    regular = Optional.of(cause);
  }

  void heal() {
    refusedPayloads.clear();
    refusedTopics.clear();
    regular = Optional.empty();
  }

  int attempts(String topic) {
    return (int) attemptedTopics.stream().filter(topic::equals).count();
  }

  List<String> payloads() {
    return history().stream().map(UnreliableProducer::payload).toList();
  }

  List<String> ids() {
    return history().stream()
        .map(r -> new String(r.headers().lastHeader("ce_id").value(), StandardCharsets.UTF_8))
        .toList();
  }

  @Override
  public synchronized Future<RecordMetadata> send(ProducerRecord<String, byte[]> record) {
    attemptedTopics.add(record.topic());
    RuntimeException refusal =
        refusedTopics.getOrDefault(record.topic(), refusedPayloads.get(payload(record)));
    if (refusal == null && regular.isPresent() && attemptedTopics.size() % interval == 0) {
      refusal = regular.get();
    }
    if (refusal == null) {
      return super.send(record);
    }
    return CompletableFuture.failedFuture(refusal);
  }

  private static String payload(ProducerRecord<String, byte[]> record) {
    return new String(record.value(), StandardCharsets.UTF_8);
  }
}
