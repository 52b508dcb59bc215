package org.rlarena.infra.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.lifecycle.Startables;
import org.testcontainers.postgresql.PostgreSQLContainer;

/** Broker and database in containers; Testcontainers removes them when the JVM has ended. */
final class ContainerServers {

  private ContainerServers() {}

  /**
   * Whether a Docker engine answers. Asked only where one is likely: the question takes seconds.
   */
  static boolean available() {
    boolean likely =
        System.getenv("DOCKER_HOST") != null || Files.exists(Path.of("/var/run/docker.sock"));
    return likely && DockerClientFactory.instance().isDockerAvailable();
  }

  @SuppressWarnings("resource")
  static TestServers start() {
    var kafka =
        new KafkaContainer("apache/kafka:4.1.1")
            .withEnv("KAFKA_AUTO_CREATE_TOPICS_ENABLE", "false");
    var postgres =
        new PostgreSQLContainer("postgres:17-alpine")
            .withCommand("postgres", "-c", "max_connections=200", "-c", "fsync=off");
    Startables.deepStart(kafka, postgres).join();
    String base =
        "jdbc:postgresql://" + postgres.getHost() + ":" + postgres.getFirstMappedPort() + "/";
    return new TestServers(
        kafka.getBootstrapServers(), base, postgres.getUsername(), postgres.getPassword(), true);
  }
}
