package org.rlarena.infra;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A real PostgreSQL server, run as a child process on the loopback interface.
 *
 * <p>Starting again on the same folder keeps the data, also after this process or the server was
 * killed: a server left over from a killed parent is stopped first. Works as root and as an
 * ordinary user.
 */
public final class EmbeddedDatabase implements AutoCloseable {

  /** The only role; it may do everything. */
  public static final String USER = "postgres";

  private static final Duration START_LIMIT = Duration.ofSeconds(60);

  private final EmbeddedPostgres server;
  private final Optional<String> password;

  private EmbeddedDatabase(EmbeddedPostgres server, Optional<String> password) {
    this.server = server;
    this.password = password;
  }

  /**
   * How the server is run.
   *
   * @param data folder of this server, created if missing; the cluster lives in {@code cluster}
   *     below it
   * @param binaries folder the server's programs are unpacked to once; may be used by several
   * @param port TCP port on 127.0.0.1, 0 for any free one
   * @param password of {@link #USER}; empty trusts every local process
   * @param durable whether a commit reaches the disk; tests give that up for speed
   */
  public record Settings(
      Path data, Path binaries, int port, Optional<String> password, boolean durable) {}

  /**
   * Starts a server and waits until it answers.
   *
   * @throws IllegalStateException when it does not come up within a minute
   */
  public static EmbeddedDatabase start(Settings settings) {
    Path cluster = settings.data().toAbsolutePath().resolve("cluster");
    try {
      Files.createDirectories(settings.data());
      LeftoverServer.stop(cluster);
      boolean fresh = !Files.exists(cluster.resolve("PG_VERSION"));
      int port = settings.port() == 0 ? Ports.free() : settings.port();
      if (fresh) {
        // an interrupted initdb leaves a folder that it refuses to use again
        Folders.delete(cluster);
        if (settings.password().isPresent()) {
          protect(settings, cluster, port);
        }
      }
      return new EmbeddedDatabase(server(settings, cluster, port).start(), settings.password());
    } catch (IOException | SQLException e) {
      throw new IllegalStateException("PostgreSQL did not start with data in " + cluster, e);
    }
  }

  /** The TCP port clients connect to. */
  public int port() {
    return server.getPort();
  }

  /** Address of one database, without credentials. */
  public String jdbcUrl(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port() + "/" + database;
  }

  /** Creates the databases that do not exist yet. */
  public void createDatabases(List<String> names) {
    try (var connection = connect("postgres")) {
      for (String name : names) {
        Databases.create(connection, name);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("Could not create databases " + names, e);
    }
  }

  /** A new connection as {@link #USER}; the caller closes it. */
  public Connection connect(String database) throws SQLException {
    return Databases.connect(jdbcUrl(database), USER, password.orElse(""));
  }

  /** Stops the server and waits for it; the data stays. */
  @Override
  public void close() {
    try {
      server.close();
    } catch (IOException e) {
      throw new IllegalStateException("PostgreSQL did not stop", e);
    }
  }

  /**
   * Gives the role its password while the new server still trusts local processes, then asks for it
   * from the next start on.
   */
  private static void protect(Settings settings, Path cluster, int port)
      throws IOException, SQLException {
    var open =
        new Settings(
            settings.data(), settings.binaries(), port, Optional.empty(), settings.durable());
    try (var first = server(open, cluster, port).start();
        var connection = first.getPostgresDatabase().getConnection()) {
      Databases.setPassword(connection, USER, settings.password().orElseThrow());
    }
    Files.writeString(
        cluster.resolve("pg_hba.conf"),
        """
        # loopback only; written at the first start
        host all all 127.0.0.1/32 scram-sha-256
        host all all ::1/128      scram-sha-256
        """,
        StandardCharsets.UTF_8);
  }

  private static EmbeddedPostgres.Builder server(Settings settings, Path cluster, int port) {
    var builder =
        EmbeddedPostgres.builder()
            .setDataDirectory(cluster)
            .setCleanDataDirectory(false)
            .setOverrideWorkingDirectory(settings.binaries().toFile())
            .setPort(port)
            .setPGStartupWait(START_LIMIT)
            .setRegisterShutdownHook(false)
            .setServerConfig("listen_addresses", "127.0.0.1")
            // TCP is enough; the default socket folder may not exist or not be ours
            .setServerConfig("unix_socket_directories", "")
            .setServerConfig("max_connections", "200")
            .setServerConfig("shared_buffers", "64MB")
            .setServerConfig("password_encryption", "scram-sha-256")
            .setServerConfig("synchronous_commit", settings.durable() ? "on" : "off")
            .setServerConfig("fsync", settings.durable() ? "on" : "off")
            .setServerConfig("full_page_writes", settings.durable() ? "on" : "off");
    settings.password().ifPresent(p -> builder.setConnectConfig("password", p));
    return builder;
  }
}
