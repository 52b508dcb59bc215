package org.rlarena.outbox;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Sends stored events as CloudEvents 1.0 in binary mode (Kafka protocol binding, section 3.2). For
 * one thread.
 */
final class EventSender implements AutoCloseable {

  private static final Duration METADATA_LIMIT = Duration.ofSeconds(2);

  private final Supplier<Producer<String, byte[]>> producers;
  private final String topicPrefix;
  private final String source;
  // made on first use: the constructor fails while the broker's name does not resolve
  private Producer<String, byte[]> producer;

  EventSender(Supplier<Producer<String, byte[]>> producers, String topicPrefix, String source) {
    this.producers = producers;
    this.topicPrefix = topicPrefix;
    this.source = source;
  }

  /**
   * A producer that gives up soon: the outbox keeps what it could not send.
   *
   * @param broker the application's Kafka settings, such as address and credentials
   * @param deliveryTimeout for one record, at least 2 s
   */
  static Producer<String, byte[]> producer(Map<String, Object> broker, Duration deliveryTimeout) {
    long limit = Math.max(2000, deliveryTimeout.toMillis());
    var settings = new HashMap<>(broker);
    settings.put(ProducerConfig.ACKS_CONFIG, "all");
    settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
    settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, METADATA_LIMIT.toMillis());
    settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) limit);
    settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) (limit / 2));
    settings.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1000);
    return new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer());
  }

  /**
   * Hands an event to the producer; the result tells when the broker has it. Blocks up to 2 s while
   * the topic is unknown, and then returns a failed result.
   */
  Future<RecordMetadata> send(StoredEvent event) {
    if (producer == null) {
      producer = producers.get();
    }
    return producer.send(record(event));
  }

  /** Drops the producer, with whatever it still holds; the next send makes a new one. */
  void reset() {
    if (producer != null) {
      producer.close(Duration.ZERO);
      producer = null;
    }
  }

  @Override
  public void close() {
    reset();
  }

  private ProducerRecord<String, byte[]> record(StoredEvent event) {
    var record =
        new ProducerRecord<>(
            topicPrefix + event.topic(),
            event.key(),
            event.payload().getBytes(StandardCharsets.UTF_8));
    Headers headers = record.headers();
    add(headers, "ce_specversion", "1.0");
    add(headers, "ce_id", event.id().toString());
    add(headers, "ce_source", source);
    add(headers, "ce_type", event.type());
    add(headers, "ce_time", event.occurredAt().toString());
    add(headers, "ce_subject", event.subject());
    add(headers, "content-type", "application/json");
    event.traceparent().ifPresent(value -> add(headers, "traceparent", value));
    return record;
  }

  private static void add(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }
}
