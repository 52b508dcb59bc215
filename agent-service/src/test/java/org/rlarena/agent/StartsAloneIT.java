package org.rlarena.agent;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.infra.EmbeddedDatabase;
import org.rlarena.infra.Ports;

/** The packaged service as its own process, while nothing it needs is there. */
class StartsAloneIT {

  private static final Path JAR = Path.of("target", "quarkus-app", "quarkus-run.jar");

  @TempDir Path folder;
  private int httpPort;
  private int databasePort;
  private Process service;

  @BeforeEach
  void start() throws IOException {
    httpPort = Ports.free();
    databasePort = Ports.free();
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx128m",
            "-jar",
            JAR.toString());
    builder
        .environment()
        .putAll(
            Map.of(
                "QUARKUS_HTTP_PORT",
                String.valueOf(httpPort),
                "QUARKUS_DATASOURCE_JDBC_URL",
                "jdbc:postgresql://127.0.0.1:" + databasePort + "/agent_service",
                "QUARKUS_DATASOURCE_USERNAME",
                EmbeddedDatabase.USER,
                "QUARKUS_DATASOURCE_PASSWORD",
                "none",
                "KAFKA_BOOTSTRAP_SERVERS",
                "127.0.0.1:" + Ports.free(),
                "ARENA_ACCESS_JWKS_LOCATION",
                "http://127.0.0.1:" + Ports.free() + "/jwks.json"));
    service =
        builder
            .redirectErrorStream(true)
            .redirectOutput(Path.of("target", "starts-alone.log").toFile())
            .start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    service.destroy();
    if (!service.waitFor(20, TimeUnit.SECONDS)) {
      service.destroyForcibly();
    }
  }

  @Test
  void shouldStartWithoutNeighboursAndUseItsDatabaseWhenItComes() {
    // Given
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .untilAsserted(() -> given().port(httpPort).get("/q/health/live").then().statusCode(200));
    given().port(httpPort).get("/q/health/ready").then().statusCode(503);
    given()
        .port(httpPort)
        .get("/api/v1/environments")
        .then()
        .statusCode(503)
        .contentType("application/problem+json")
        .header("Retry-After", "5")
        .body("code", equalTo("database_unavailable"));

    // When
    try (EmbeddedDatabase database =
        EmbeddedDatabase.start(
            new EmbeddedDatabase.Settings(
                folder.resolve("data"),
                folder.resolve("binaries"),
                databasePort,
                Optional.empty(),
                false))) {
      database.createDatabases(List.of("agent_service"));

      // Then
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  given()
                      .port(httpPort)
                      .get("/api/v1/environments")
                      .then()
                      .statusCode(200)
                      .body("environments.id", hasItems("connect-four", "pong", "tic-tac-toe")));
      assertThat(service.isAlive()).isTrue();
    }
  }
}
