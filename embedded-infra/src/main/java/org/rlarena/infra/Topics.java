package org.rlarena.infra;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * The suite's topics as {@code contracts/asyncapi.yaml} lists them: one per channel, and one
 * dead-letter topic per channel and reader, {@code <topic>.<reader>.dlq}.
 */
public final class Topics {

  private static final String RESOURCE = "contracts/asyncapi.yaml";
  private static final long LIMIT_SECONDS = 30;

  private Topics() {}

  /**
   * One topic to create.
   *
   * @param name without prefix
   * @param partitions at least 1
   * @param settings Kafka topic settings by name
   */
  public record Topic(String name, int partitions, Map<String, String> settings) {}

  /**
   * All topics of the AsyncAPI file on the class path.
   *
   * @throws IllegalStateException when the file is missing
   */
  public static List<Topic> all() {
    try (InputStream file = Topics.class.getClassLoader().getResourceAsStream(RESOURCE)) {
      if (file == null) {
        throw new IllegalStateException("No " + RESOURCE + " on the class path");
      }
      return read(new YAMLMapper().readTree(file));
    } catch (IOException e) {
      throw new UncheckedIOException("Could not read " + RESOURCE, e);
    }
  }

  /**
   * Creates the topics that are missing and waits until the broker knows them.
   *
   * @param bootstrapServers the broker's address
   * @param prefix put before every name; may be empty
   */
  public static void create(String bootstrapServers, String prefix) {
    List<NewTopic> topics =
        all().stream()
            .map(
                t ->
                    new NewTopic(prefix + t.name(), Optional.of(t.partitions()), Optional.empty())
                        .configs(t.settings()))
            .toList();
    try (Admin admin = admin(bootstrapServers)) {
      var results = admin.createTopics(topics).values();
      for (var result : results.entrySet()) {
        try {
          result.getValue().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof TopicExistsException)) {
            throw failed("create topic " + result.getKey(), e);
          }
        }
      }
      awaitKnown(admin, results.keySet());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("create the topics", e);
    } catch (ExecutionException | TimeoutException e) {
      throw failed("create the topics", e);
    }
  }

  /** Deletes all topics whose name starts with the prefix, which must not be empty. */
  public static void delete(String bootstrapServers, String prefix) {
    if (prefix.isEmpty()) {
      throw new IllegalArgumentException("prefix is empty: that would delete every topic");
    }
    try (Admin admin = admin(bootstrapServers)) {
      Collection<String> names =
          admin.listTopics().names().get(LIMIT_SECONDS, TimeUnit.SECONDS).stream()
              .filter(name -> name.startsWith(prefix))
              .toList();
      admin.deleteTopics(names).all().get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed("delete topics " + prefix + "*", e);
    } catch (ExecutionException | TimeoutException e) {
      throw failed("delete topics " + prefix + "*", e);
    }
  }

  static List<Topic> read(JsonNode asyncApi) {
    var topics = new ArrayList<Topic>();
    for (var channel : asyncApi.path("channels").properties()) {
      String address = channel.getValue().path("address").asText(channel.getKey());
      JsonNode kafka = channel.getValue().path("bindings").path("kafka");
      topics.add(
          new Topic(
              address,
              kafka.path("partitions").asInt(1),
              settings(kafka.path("topicConfiguration"))));
      for (JsonNode reader : channel.getValue().path("x-readers")) {
        topics.add(new Topic(address + "." + reader.asText() + ".dlq", 1, Map.of()));
      }
    }
    return topics;
  }

  /** The controller answers a creation before the broker has heard of it. */
  private static void awaitKnown(Admin admin, Collection<String> names)
      throws InterruptedException, ExecutionException, TimeoutException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (true) {
      try {
        admin.describeTopics(names).allTopicNames().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        return;
      } catch (ExecutionException e) {
        boolean unknown = e.getCause() instanceof UnknownTopicOrPartitionException;
        if (!unknown || System.nanoTime() > end) {
          throw e;
        }
        Thread.sleep(20);
      }
    }
  }

  private static Map<String, String> settings(JsonNode node) {
    var settings = new LinkedHashMap<String, String>();
    for (var setting : node.properties()) {
      JsonNode value = setting.getValue();
      var parts = new ArrayList<String>();
      if (value.isArray()) {
        value.forEach(part -> parts.add(part.asText()));
      } else {
        parts.add(value.asText());
      }
      settings.put(setting.getKey(), String.join(",", parts));
    }
    return settings;
  }

  private static Admin admin(String bootstrapServers) {
    return Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
  }

  private static IllegalStateException failed(String action, Exception cause) {
    return new IllegalStateException("Could not " + action, cause);
  }
}
