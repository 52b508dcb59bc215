package org.rlarena.infra.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.rlarena.infra.Databases;
import org.rlarena.infra.Topics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives an application under test a real broker with the suite's topics under a prefix of its own
 * and, if asked, a fresh PostgreSQL database.
 *
 * <pre>{@code
 * @QuarkusTest
 * @WithTestResource(value = TestInfra.class,
 *     initArgs = @ResourceArg(name = "database", value = "agent_service"))
 * }</pre>
 *
 * <p>Test classes with the same arguments share one start of the application. The environment
 * variable {@code ARENA_TEST_INFRA} chooses where broker and database run: {@code shared} (an
 * already running {@code embedded-infra}, whose ready file {@code ARENA_TEST_INFRA_FILE} names),
 * {@code containers}, {@code embedded}, or {@code auto}: the first of these that is possible.
 */
public class TestInfra implements QuarkusTestResourceLifecycleManager {

  private static final Logger LOG = LoggerFactory.getLogger(TestInfra.class);

  private final String run =
      "t" + HexFormat.of().toHexDigits(RandomGenerator.getDefault().nextInt());
  private Optional<String> database = Optional.empty();
  private TestServers servers;

  @Override
  public void init(Map<String, String> arguments) {
    database = Optional.ofNullable(arguments.get("database")).map(name -> name + "_" + run);
  }

  @Override
  public Map<String, String> start() {
    servers = TestServers.get();
    Topics.create(servers.kafka(), prefix());
    var settings = new HashMap<String, String>();
    settings.put("kafka.bootstrap.servers", servers.kafka());
    settings.put("arena.kafka.topic-prefix", prefix());
    database.ifPresent(name -> settings.putAll(freshDatabase(name)));
    return settings;
  }

  @Override
  public void stop() {
    // servers that end with this JVM need no tidying
    if (servers == null || servers.temporary()) {
      return;
    }
    try {
      Topics.delete(servers.kafka(), prefix());
      if (database.isPresent()) {
        try (var connection =
            Databases.connect(servers.jdbcUrl("postgres"), servers.user(), servers.password())) {
          Databases.drop(connection, database.get());
        }
      }
    } catch (SQLException | RuntimeException e) {
      LOG.warn("Topics or database of test run {} are left behind", run, e);
    }
  }

  private String prefix() {
    return run + ".";
  }

  private Map<String, String> freshDatabase(String name) {
    try (var connection =
        Databases.connect(servers.jdbcUrl("postgres"), servers.user(), servers.password())) {
      Databases.create(connection, name);
    } catch (SQLException e) {
      throw new IllegalStateException("Could not create database " + name, e);
    }
    return Map.of(
        "quarkus.datasource.jdbc.url", servers.jdbcUrl(name),
        "quarkus.datasource.username", servers.user(),
        "quarkus.datasource.password", servers.password().isEmpty() ? "none" : servers.password());
  }
}
