package org.rlarena.infra;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Runs broker and database in one process until it is told to stop (SIGTERM, SIGINT).
 *
 * <p>The password of the database role is taken from {@code ARENA_POSTGRES_PASSWORD} at the first
 * start on a data folder and must stay the same afterwards.
 */
public final class InfraMain {

  private static final Logger LOG = Logger.getLogger(InfraMain.class.getName());
  // held here because the logging library forgets loggers, with their levels, that nobody holds
  private static final Logger BROKER_LOG = Logger.getLogger("org.apache.kafka");
  private static final Logger BROKER_CORE_LOG = Logger.getLogger("kafka");
  private static final Logger BROKER_STATE_LOG = Logger.getLogger("state.change.logger");

  private final InfraOptions options;
  private EmbeddedDatabase database;
  private EmbeddedKafka kafka;

  private InfraMain(InfraOptions options) {
    this.options = options;
  }

  /** Exit status 2: bad arguments; 1: something did not start; 0: stopped as asked. */
  public static void main(String... arguments) {
    InfraOptions options;
    try {
      options = InfraOptions.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.print(InfraOptions.USAGE);
      System.exit(2);
      return;
    }
    BROKER_LOG.setLevel(Level.WARNING);
    BROKER_CORE_LOG.setLevel(Level.WARNING);
    BROKER_STATE_LOG.setLevel(Level.WARNING);
    var infra = new InfraMain(options);
    Runtime.getRuntime().addShutdownHook(new Thread(infra::stop, "stop"));
    try {
      infra.start();
      infra.waitForEnd();
    } catch (Throwable e) {
      // also errors: a half-started process would hold ports and data for nobody
      LOG.log(Level.SEVERE, "Start failed", e);
      System.exit(1);
    }
    System.exit(0);
  }

  private synchronized void start() throws IOException {
    deleteReadyFile();
    database = EmbeddedDatabase.start(databaseSettings());
    database.createDatabases(options.databases());
    kafka =
        EmbeddedKafka.start(
            options.data().resolve("kafka"), options.kafkaPort(), options.kafkaClientPort());
    if (options.topics()) {
      Topics.create(kafka.bootstrapServers(), "");
    }
    var address =
        new InfraAddress(
            kafka.bootstrapServers(),
            "127.0.0.1",
            database.port(),
            EmbeddedDatabase.USER,
            ProcessHandle.current().pid());
    options.readyFile().ifPresent(address::write);
    LOG.info(() -> "Ready: Kafka " + address.kafka() + ", PostgreSQL " + address.postgresPort());
  }

  private EmbeddedDatabase.Settings databaseSettings() {
    return new EmbeddedDatabase.Settings(
        options.data().resolve("postgres"),
        options.binaries(),
        options.postgresPort(),
        Optional.ofNullable(System.getenv("ARENA_POSTGRES_PASSWORD")).filter(p -> !p.isBlank()),
        options.durable());
  }

  private void waitForEnd() throws IOException, InterruptedException {
    if (options.untilInputEnds()) {
      try (InputStream in = System.in) {
        in.transferTo(OutputStream.nullOutputStream());
      }
    } else {
      // the shutdown hook ends this process
      new CountDownLatch(1).await();
    }
  }

  /** Waits for a start under way: what it started would otherwise be left running. */
  private synchronized void stop() {
    try {
      deleteReadyFile();
      if (kafka != null) {
        kafka.close();
      }
    } catch (IOException | RuntimeException e) {
      System.err.println("Kafka did not stop cleanly: " + e);
    } finally {
      if (database != null) {
        database.close();
      }
    }
  }

  private void deleteReadyFile() throws IOException {
    if (options.readyFile().isPresent()) {
      Files.deleteIfExists(options.readyFile().get());
    }
  }
}
