package org.rlarena.infra.testing;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * The other services, as one test sees them: publishes events to topics and reads what is there.
 *
 * <p>Topic names are given without the run's prefix. Safe for use by several threads.
 */
public final class Events implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final String bootstrapServers;
  private final String prefix;
  private final KafkaProducer<String, byte[]> producer;
  private final Map<String, TopicReader> readers = new HashMap<>();

  private Events(String bootstrapServers, String prefix) {
    this.bootstrapServers = bootstrapServers;
    this.prefix = prefix;
    this.producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                ProducerConfig.LINGER_MS_CONFIG, 0,
                ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  /** Connects to the broker and prefix that the application under test uses. */
  public static Events connect() {
    var config = ConfigProvider.getConfig();
    return connect(
        config.getValue("kafka.bootstrap.servers", String.class),
        config.getOptionalValue("arena.kafka.topic-prefix", String.class).orElse(""));
  }

  /** Connects to a broker; the prefix may be empty. */
  public static Events connect(String bootstrapServers, String prefix) {
    return new Events(bootstrapServers, prefix);
  }

  /**
   * Publishes an event under a new id and waits for the broker.
   *
   * @param type full type, {@code org.rlarena....v1}
   * @return the event's id
   */
  public String publish(String topic, String key, String type, String json) {
    return publish(UUID.randomUUID().toString(), topic, key, type, json);
  }

  /** Publishes an event under a given id, for example to repeat one. */
  public String publish(String id, String topic, String key, String type, String json) {
    publish(topic, key, json, headers(id, key, type));
    return id;
  }

  /** Publishes an event that is part of a trace (W3C {@code traceparent}); the event's id. */
  public String publishTraced(
      String traceparent, String topic, String key, String type, String json) {
    String id = UUID.randomUUID().toString();
    var headers = headers(id, key, type);
    headers.put("traceparent", traceparent);
    publish(topic, key, json, headers);
    return id;
  }

  private void publish(String topic, String key, String json, Map<String, String> headers) {
    publishRaw(topic, key, json.getBytes(StandardCharsets.UTF_8), headers);
  }

  private static Map<String, String> headers(String id, String key, String type) {
    var headers = new LinkedHashMap<String, String>();
    headers.put("ce_specversion", "1.0");
    headers.put("ce_id", id);
    headers.put("ce_source", "/test");
    headers.put("ce_type", type);
    headers.put("ce_time", Instant.now().toString());
    headers.put("ce_subject", key);
    headers.put("content-type", "application/json");
    return headers;
  }

  /** Publishes a record as it is, for example one that no reader can decode. */
  public void publishRaw(String topic, String key, byte[] value, Map<String, String> headers) {
    var record = new ProducerRecord<>(prefix + topic, key, value);
    headers.forEach(
        (name, text) -> record.headers().add(name, text.getBytes(StandardCharsets.UTF_8)));
    try {
      producer.send(record).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while publishing to " + topic, e);
    } catch (ExecutionException | TimeoutException e) {
      throw new IllegalStateException("Could not publish to " + topic, e);
    }
  }

  /** All records of a topic from its beginning until now; in order per key. */
  public synchronized List<ReceivedEvent> on(String topic) {
    return readers
        .computeIfAbsent(topic, name -> new TopicReader(bootstrapServers, prefix + name))
        .readAll();
  }

  /**
   * Waits up to 20 s for a matching record, also an earlier one.
   *
   * @throws AssertionError listing what was seen instead
   */
  public ReceivedEvent await(String topic, Predicate<ReceivedEvent> wanted) {
    Instant end = Instant.now().plus(LIMIT);
    List<ReceivedEvent> seen;
    do {
      // reading itself waits a little for new records
      seen = on(topic);
      var match = seen.stream().filter(wanted).findFirst();
      if (match.isPresent()) {
        return match.get();
      }
    } while (Instant.now().isBefore(end));
    throw new AssertionError("No matching record on " + topic + "; seen: " + seen);
  }

  /** What a reading service gave up on. */
  public List<ReceivedEvent> deadLetters(String topic, String reader) {
    return on(topic + "." + reader + ".dlq");
  }

  @Override
  public synchronized void close() {
    producer.close(Duration.ofSeconds(5));
    readers.values().forEach(TopicReader::close);
  }
}
