package org.rlarena.infra;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A real Kafka broker and KRaft controller in this JVM, listening on the loopback interface.
 *
 * <p>Topics are never created by use. Starting again on the same folder keeps topics, records and
 * offsets, also after the process was killed. Not thread-safe.
 */
public final class EmbeddedKafka implements AutoCloseable {

  private static final int NODE_ID = 1;

  private final KafkaRaftServer server;
  private final int port;
  private boolean closed;

  private EmbeddedKafka(KafkaRaftServer server, int port) {
    this.server = server;
    this.port = port;
  }

  /**
   * Starts a broker and waits until it accepts clients.
   *
   * @param data folder for logs and metadata, created if missing
   * @param port TCP port on 127.0.0.1, 0 for any free one
   * @throws IllegalStateException when the folder is in use or the broker does not come up
   */
  public static EmbeddedKafka start(Path data, int port) {
    return start(data, port, 0);
  }

  /**
   * Starts a broker that may have a proxy before it.
   *
   * @param clientPort TCP port on 127.0.0.1 that clients are told to come to, 0 for the broker's
   *     own
   * @throws IllegalStateException as above
   */
  public static EmbeddedKafka start(Path data, int port, int clientPort) {
    int brokerPort = port == 0 ? Ports.free() : port;
    int advertised = clientPort == 0 ? brokerPort : clientPort;
    var properties = settings(data, brokerPort, advertised, Ports.free());
    try {
      Files.createDirectories(data);
      format(data);
      var server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
      try {
        server.startup();
      } catch (RuntimeException | Error e) {
        server.shutdown();
        throw e;
      }
      return new EmbeddedKafka(server, brokerPort);
    } catch (Exception e) {
      throw new IllegalStateException(
          "Kafka did not start on port " + brokerPort + " with data in " + data, e);
    }
  }

  /** Host and port for {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port;
  }

  /** The TCP port clients connect to. */
  public int port() {
    return port;
  }

  /** Stops the broker and waits for it; the data stays. Repeating it does nothing. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    server.shutdown();
    server.awaitShutdown();
  }

  private static void format(Path data) throws Exception {
    if (Files.exists(data.resolve("meta.properties"))) {
      return;
    }
    new Formatter()
        .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
        .setNodeId(NODE_ID)
        .setClusterId(Uuid.randomUuid().toString())
        .setControllerListenerName("CONTROLLER")
        .setReleaseVersion(MetadataVersion.latestProduction())
        .addDirectory(data.toString())
        .setMetadataLogDirectory(data.toString())
        .run();
  }

  private static Properties settings(Path data, int port, int clientPort, int controllerPort) {
    var p = new Properties();
    p.put("process.roles", "broker,controller");
    p.put("node.id", String.valueOf(NODE_ID));
    p.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
    p.put("controller.listener.names", "CONTROLLER");
    p.put("inter.broker.listener.name", "CLIENTS");
    p.put("listener.security.protocol.map", "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.put("listeners", "CLIENTS://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
    p.put("advertised.listeners", "CLIENTS://127.0.0.1:" + clientPort);
    p.put("log.dirs", data.toString());
    p.put("auto.create.topics.enable", "false");
    // one broker: nothing can be replicated
    p.put("default.replication.factor", "1");
    p.put("offsets.topic.replication.factor", "1");
    p.put("transaction.state.log.replication.factor", "1");
    p.put("transaction.state.log.min.isr", "1");
    p.put("share.coordinator.state.topic.replication.factor", "1");
    p.put("share.coordinator.state.topic.min.isr", "1");
    // the defaults are made for clusters: 50 partitions and 128 MB cost seconds and heap here
    p.put("offsets.topic.num.partitions", "3");
    p.put("transaction.state.log.num.partitions", "1");
    p.put("share.coordinator.state.topic.num.partitions", "1");
    p.put("log.cleaner.dedupe.buffer.size", String.valueOf(4 << 20));
    p.put("log.cleaner.io.buffer.size", String.valueOf(128 << 10));
    p.put("log.segment.bytes", String.valueOf(64 << 20));
    p.put("num.network.threads", "2");
    p.put("num.io.threads", "3");
    p.put("num.recovery.threads.per.data.dir", "1");
    p.put("background.threads", "2");
    // one consumer per group is the rule here: waiting for more members only delays the start
    p.put("group.initial.rebalance.delay.ms", "0");
    return p;
  }
}
