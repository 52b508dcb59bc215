package org.rlarena.outbox;

import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.AgroalConnectionFactoryConfiguration;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * Opens database sessions outside the pool, with the pool's address and credentials.
 *
 * <p>A pooled session would survive its return to the pool and keep the relay's lock.
 */
final class RelaySession {

  private RelaySession() {}

  /** A new session that notices within seconds, on both ends, when the other end is gone. */
  static Connection open(AgroalDataSource pool) throws SQLException {
    AgroalConnectionFactoryConfiguration target =
        pool.getConfiguration().connectionPoolConfiguration().connectionFactoryConfiguration();
    var properties = new Properties();
    if (target.principal() instanceof NamePrincipal user) {
      properties.setProperty("user", user.getName());
    }
    for (Object credential : target.credentials()) {
      if (credential instanceof SimplePassword password) {
        properties.setProperty("password", password.getWord());
      }
    }
    properties.setProperty("ApplicationName", "outbox-relay");
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("socketTimeout", "15");
    properties.setProperty("tcpKeepAlive", "true");
    // without these the server may hold a vanished relay's lock for two hours
    properties.setProperty(
        "options",
        "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3");
    Connection connection = new Driver().connect(target.jdbcUrl(), properties);
    if (connection == null) {
      throw new SQLException("Not a PostgreSQL address: " + target.jdbcUrl());
    }
    return connection;
  }
}
