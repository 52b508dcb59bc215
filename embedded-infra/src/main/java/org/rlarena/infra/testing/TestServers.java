package org.rlarena.infra.testing;

import java.nio.file.Path;
import java.util.Locale;
import org.rlarena.infra.InfraAddress;

/**
 * The broker and the database of this test run: found once per JVM and remembered in system
 * properties, because Quarkus loads test resources anew, in new class loaders, for each start of an
 * application.
 *
 * @param kafka host and port for {@code bootstrap.servers}
 * @param jdbcBase JDBC address up to and including the slash before the database's name
 * @param user a role that may create databases
 * @param password empty when none is asked for
 * @param temporary whether broker and database end with this JVM
 */
record TestServers(String kafka, String jdbcBase, String user, String password, boolean temporary) {

  // a literal is one object in the whole JVM, whichever class loader asks
  private static final String LOCK = "org.rlarena.infra.testing.TestServers";
  private static final String PROPERTY = "arena.test-servers.";

  /** Starts them or finds those already running, as {@code ARENA_TEST_INFRA} says. */
  static TestServers get() {
    synchronized (LOCK) {
      if (System.getProperty(PROPERTY + "kafka") == null) {
        start().remember();
      }
      return new TestServers(
          System.getProperty(PROPERTY + "kafka"),
          System.getProperty(PROPERTY + "jdbc-base"),
          System.getProperty(PROPERTY + "user"),
          System.getProperty(PROPERTY + "password"),
          Boolean.getBoolean(PROPERTY + "temporary"));
    }
  }

  String jdbcUrl(String database) {
    return jdbcBase + database;
  }

  private static TestServers start() {
    String file = System.getenv().getOrDefault("ARENA_TEST_INFRA_FILE", "");
    String choice = System.getenv().getOrDefault("ARENA_TEST_INFRA", "auto");
    return switch (choice.toLowerCase(Locale.ROOT)) {
      case "shared" -> shared(file);
      case "containers" -> ContainerServers.start();
      case "embedded" -> ChildProcess.start();
      case "auto" -> {
        if (!file.isEmpty()) {
          yield shared(file);
        }
        yield ContainerServers.available() ? ContainerServers.start() : ChildProcess.start();
      }
      default ->
          throw new IllegalArgumentException(
              "ARENA_TEST_INFRA must be auto, shared, containers or embedded, not " + choice);
    };
  }

  private static TestServers shared(String file) {
    if (file.isEmpty()) {
      throw new IllegalArgumentException(
          "ARENA_TEST_INFRA=shared needs ARENA_TEST_INFRA_FILE, the ready file of a running"
              + " embedded-infra");
    }
    InfraAddress address = InfraAddress.read(Path.of(file));
    String password = System.getenv().getOrDefault("ARENA_POSTGRES_PASSWORD", "");
    return new TestServers(
        address.kafka(), address.jdbcUrl(""), address.postgresUser(), password, false);
  }

  private void remember() {
    System.setProperty(PROPERTY + "jdbc-base", jdbcBase);
    System.setProperty(PROPERTY + "user", user);
    System.setProperty(PROPERTY + "password", password);
    System.setProperty(PROPERTY + "temporary", String.valueOf(temporary));
    System.setProperty(PROPERTY + "kafka", kafka);
  }
}
