package org.rlarena.outbox;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Map;
import org.rlarena.infra.Ports;

/** Addresses where nothing listens yet; the test starts broker and database there itself. */
public class NoNeighbours implements QuarkusTestResourceLifecycleManager {

  @Override
  public Map<String, String> start() {
    int kafka = Ports.free();
    int database = Ports.free();
    return Map.of(
        "test.kafka-port",
        String.valueOf(kafka),
        "test.database-port",
        String.valueOf(database),
        "kafka.bootstrap.servers",
        "127.0.0.1:" + kafka,
        "quarkus.datasource.jdbc.url",
        "jdbc:postgresql://127.0.0.1:" + database + "/notes",
        "quarkus.datasource.username",
        "postgres",
        "quarkus.datasource.password",
        "none");
  }

  @Override
  public void stop() {
    // the test stops what it started
  }
}
