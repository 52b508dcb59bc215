package org.rlarena.infra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedDatabaseIT {

  @TempDir static Path binaries;
  @TempDir Path data;

  @Test
  void shouldKeepDataAcrossARestart() throws SQLException {
    // Given
    try (var first = EmbeddedDatabase.start(settings(0, Optional.empty()))) {
      first.createDatabases(List.of("one", "two"));
      execute(first, "one", "create table t (x int); insert into t values (7)");
    }

    // When
    try (var second = EmbeddedDatabase.start(settings(0, Optional.empty()))) {
      second.createDatabases(List.of("one", "two"));

      // Then
      assertThat(read(second, "one", "select x from t")).isEqualTo("7");
      assertThat(read(second, "two", "show max_connections")).isEqualTo("200");
      assertThat(read(second, "two", "show shared_buffers")).isEqualTo("64MB");
      assertThat(read(second, "two", "show listen_addresses")).isEqualTo("127.0.0.1");
    }
  }

  @Test
  void shouldAskForThePasswordFromTheFirstStartOn() throws SQLException {
    for (int start = 0; start < 2; start++) {
      try (var database = EmbeddedDatabase.start(settings(0, Optional.of("s3cret'")))) {
        database.createDatabases(List.of("one"));
        String url = database.jdbcUrl("one");

        assertThat(read(database, "one", "show password_encryption")).isEqualTo("scram-sha-256");
        assertThatThrownBy(() -> Databases.connect(url, EmbeddedDatabase.USER, "wrong").close())
            .isInstanceOf(SQLException.class)
            .hasMessageContaining("password");
      }
    }
  }

  @Test
  void shouldReplaceAServerThatNobodyOwns() throws Exception {
    // Given
    var orphan = EmbeddedDatabase.start(settings(0, Optional.empty()));
    orphan.createDatabases(List.of("one"));
    execute(orphan, "one", "create table t (x int); insert into t values (7)");
    long pid = postmaster();

    // When
    try (var next = EmbeddedDatabase.start(settings(orphan.port(), Optional.empty()))) {

      // Then
      assertThat(read(next, "one", "select x from t")).isEqualTo("7");
      assertThat(postmaster()).isNotEqualTo(pid);
      assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    }
  }

  @Test
  void shouldStartAfterTheServerWasKilled() throws Exception {
    // Given
    var killed = EmbeddedDatabase.start(settings(0, Optional.empty()));
    killed.createDatabases(List.of("one"));
    ProcessHandle process = ProcessHandle.of(postmaster()).orElseThrow();
    process.destroyForcibly();
    process.onExit().join();

    // When
    try (var next = EmbeddedDatabase.start(settings(killed.port(), Optional.empty()))) {

      // Then
      assertThat(read(next, "one", "select 1")).isEqualTo("1");
    }
  }

  @Test
  void shouldStartOverAfterAnInterruptedFirstStart() throws Exception {
    // Given
    Files.createDirectories(data.resolve("cluster").resolve("base"));
    Files.writeString(data.resolve("cluster").resolve("postgresql.conf"), "half");

    // When
    try (var database = EmbeddedDatabase.start(settings(0, Optional.empty()))) {

      // Then
      assertThat(read(database, "postgres", "select 1")).isEqualTo("1");
    }
  }

  private EmbeddedDatabase.Settings settings(int port, Optional<String> password) {
    return new EmbeddedDatabase.Settings(data, binaries, port, password, true);
  }

  private long postmaster() throws Exception {
    Path file = data.resolve("cluster").resolve("postmaster.pid");
    return Long.parseLong(Files.readAllLines(file).getFirst().strip());
  }

  private static void execute(EmbeddedDatabase database, String name, String sql)
      throws SQLException {
    try (var connection = database.connect(name);
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String read(EmbeddedDatabase database, String name, String sql)
      throws SQLException {
    try (var connection = database.connect(name);
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }
}
