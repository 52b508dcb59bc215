package org.rlarena.infra;

import java.sql.Connection;
import java.sql.SQLException;
import org.postgresql.ds.PGSimpleDataSource;

/** Creating and dropping databases of a PostgreSQL server. */
public final class Databases {

  private Databases() {}

  /** A new connection; the caller closes it. */
  public static Connection connect(String jdbcUrl, String user, String password)
      throws SQLException {
    var source = new PGSimpleDataSource();
    source.setUrl(jdbcUrl);
    source.setUser(user);
    source.setPassword(password);
    return source.getConnection();
  }

  /** Creates a database unless one of that name exists. */
  public static void create(Connection connection, String name) throws SQLException {
    try (var known = connection.prepareStatement("select 1 from pg_database where datname = ?")) {
      known.setString(1, name);
      if (known.executeQuery().next()) {
        return;
      }
    }
    try (var statement = connection.createStatement()) {
      statement.execute("create database " + statement.enquoteIdentifier(name, true));
    }
  }

  /** Drops a database if it exists, ending the sessions that use it. */
  public static void drop(Connection connection, String name) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(
          "drop database if exists " + statement.enquoteIdentifier(name, true) + " with (force)");
    }
  }

  static void setPassword(Connection connection, String role, String password) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(
          "alter role "
              + statement.enquoteIdentifier(role, true)
              + " password "
              + statement.enquoteLiteral(password));
    }
  }
}
