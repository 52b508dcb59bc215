package org.rlarena.gateway.bus;

import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.rlarena.gateway.GatewayConfig;
import org.rlarena.gateway.bus.BusListener.Start;

/**
 * Reads all topics that listeners want, on a thread of its own. Partitions are assigned by hand: a
 * consumer group would give each replica only a part of the events. The broker may be away at any
 * time, at the start too; reading goes on where it stopped once it answers.
 */
@ApplicationScoped
public class BusReader {

  private static final Logger LOG = Logger.getLogger(BusReader.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final Duration BROKER_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration PAUSE = Duration.ofSeconds(1);

  private final List<BusListener> listeners;
  private final Map<String, Object> kafka;
  private final String prefix;
  private final Duration recent;
  private final Positions positions = new Positions();
  private final CountDownLatch stop = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "bus-reader");

  private volatile boolean reachable;
  private volatile boolean caughtUp;
  private volatile KafkaConsumer<String, byte[]> current;

  BusReader(
      @All List<BusListener> listeners,
      @Identifier("default-kafka-broker") Map<String, Object> kafka,
      @ConfigProperty(name = "arena.kafka.topic-prefix") Optional<String> prefix,
      GatewayConfig config) {
    this.listeners = listeners;
    this.kafka = kafka;
    this.prefix = prefix.orElse("");
    this.recent = config.live().keep();
  }

  /** Whether the topics that are read from their beginning have been read to their end once. */
  public boolean isCaughtUp() {
    return caughtUp;
  }

  /** Whether the broker answered when it was last asked. */
  public boolean isReachable() {
    return reachable;
  }

  void start(@Observes StartupEvent event) {
    thread.setDaemon(true);
    thread.start();
  }

  void stop(@Observes ShutdownEvent event) throws InterruptedException {
    stop.countDown();
    KafkaConsumer<String, byte[]> consumer = current;
    if (consumer != null) {
      consumer.wakeup();
    }
    thread.join(BROKER_TIMEOUT.toMillis());
  }

  private void run() {
    while (!isStopping()) {
      try (var consumer = new KafkaConsumer<String, byte[]>(settings())) {
        current = consumer;
        read(consumer);
      } catch (WakeupException e) {
        // asked to stop: the loop's condition says so
      } catch (KafkaException e) {
        say(false, e);
        pause();
      } finally {
        current = null;
      }
    }
  }

  private void read(KafkaConsumer<String, byte[]> consumer) {
    Map<String, Start> wanted = wanted();
    long assignAgain = System.nanoTime();
    while (!isStopping()) {
      if (System.nanoTime() - assignAgain >= 0) {
        boolean all = positions.assign(consumer, wanted, recent, BROKER_TIMEOUT);
        say(true, null);
        // looked at again now and then: topics may be made, or get partitions, later
        assignAgain = System.nanoTime() + (all ? PAUSE.multipliedBy(10) : PAUSE).toNanos();
      }
      if (consumer.assignment().isEmpty()) {
        pause();
        continue;
      }
      for (ConsumerRecord<String, byte[]> record : OldestFirst.of(consumer.poll(POLL))) {
        hand(record);
        positions.passed(record);
      }
      if (!caughtUp && positions.reachedFirstEnds(consumer)) {
        caughtUp = true;
        LOG.info("Users and agents are known; the live stream is open");
      }
    }
  }

  private void hand(ConsumerRecord<String, byte[]> record) {
    if (record.value() == null) {
      return;
    }
    String topic = record.topic().substring(prefix.length());
    Header type = record.headers().lastHeader("ce_type");
    BusEvent event =
        new BusEvent(
            topic,
            record.partition(),
            record.offset(),
            type == null ? "" : new String(type.value(), StandardCharsets.UTF_8),
            record.value());
    for (BusListener listener : listeners) {
      if (listener.topics().containsKey(topic)) {
        try {
          listener.on(event);
        } catch (IOException | RuntimeException e) {
          // others must not wait for one bad record; its readers with a database have dead letters
          LOG.debugf(e, "skipped %s-%d@%d", topic, record.partition(), record.offset());
        }
      }
    }
  }

  private Map<String, Start> wanted() {
    Map<String, Start> wanted = new TreeMap<>();
    for (BusListener listener : listeners) {
      listener
          .topics()
          .forEach(
              (topic, start) ->
                  wanted.merge(prefix + topic, start, (a, b) -> a == Start.BEGINNING ? a : b));
    }
    return wanted;
  }

  private Map<String, Object> settings() {
    Map<String, Object> settings = new HashMap<>(kafka);
    settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, StringDeserializer.class.getName());
    settings.put(
        ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
    settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    // an offset that is gone: what is left of the topic is wanted
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) BROKER_TIMEOUT.toMillis());
    settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) BROKER_TIMEOUT.toMillis());
    settings.put(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, (int) PAUSE.toMillis());
    settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
    return settings;
  }

  private void say(boolean now, KafkaException cause) {
    if (now && !reachable) {
      LOG.info("The broker answers; reading events");
    } else if (!now && (reachable || LOG.isDebugEnabled())) {
      LOG.warnf("The broker does not answer: %s", cause.getMessage());
    }
    reachable = now;
  }

  private boolean isStopping() {
    return stop.getCount() == 0;
  }

  private void pause() {
    try {
      stop.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stop.countDown();
    }
  }
}
