package org.rlarena.outbox;

import static io.restassured.RestAssured.get;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.ConsoleHandler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.rlarena.infra.EmbeddedDatabase;
import org.rlarena.infra.EmbeddedKafka;
import org.rlarena.infra.Topics;
import org.rlarena.infra.testing.Events;

/**
 * One service through outages: its neighbours come up after it, in turn, go away and come back. The
 * steps build on each other.
 */
@QuarkusTest
@WithTestResource(NoNeighbours.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class OutageIT {

  // generous: the first request of a run on a busy machine has taken more than 20 s
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir static Path folder;
  private static EmbeddedKafka kafka;
  private static EmbeddedDatabase database;

  @AfterAll
  static void stopAll() {
    if (kafka != null) {
      kafka.close();
    }
    if (database != null) {
      database.close();
    }
  }

  @Test
  @Order(1)
  void shouldStartWithoutAnyNeighbour() {
    get("/q/health/live").then().statusCode(200);
    get("/q/health/ready").then().statusCode(503);
    given()
        .body("text")
        .post("/notes/x")
        .then()
        .statusCode(503)
        .contentType("application/problem+json")
        .header("Retry-After", "5")
        .body("code", equalTo("database_unavailable"))
        .body("status", equalTo(503));
    get("/notes").then().statusCode(503).body("code", equalTo("database_unavailable"));
  }

  @Test
  @Order(0)
  void shouldLogAnOutageAsOneLineWhateverItRefuses() {
    List<LogRecord> lines = new CopyOnWriteArrayList<>();
    var handler = new ConsoleHandler();
    handler.setFilter(
        line -> {
          lines.add(line);
          return false;
        });
    Logger logger = Logger.getLogger("http-problem");
    logger.addHandler(handler);
    try {
      get("/notes").then().statusCode(503);
      get("/notes").then().statusCode(503);
    } finally {
      logger.removeHandler(handler);
    }

    assertThat(lines)
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.getLevel().getName()).isEqualTo("WARN");
              assertThat(line.getMessage()).startsWith("status=503, ").contains("Exception: ");
              assertThat(line.getThrown()).isNull();
            });
  }

  @Test
  @Order(2)
  void shouldMigrateAndServeOnceTheDatabaseAnswers() {
    // When
    startDatabase();

    // Then
    await()
        .atMost(LIMIT)
        .untilAsserted(() -> given().body("early").post("/notes/1").then().statusCode(204));
    get("/q/health/live").then().statusCode(200);
    get("/q/health/ready")
        .then()
        .statusCode(503)
        .body("checks.find { it.name == 'database schema' }.status", equalTo("UP"))
        .body("checks.find { it.name == 'Kafka' }.status", equalTo("DOWN"));
    awaitUnsent(1);
  }

  @Test
  @Order(3)
  void shouldPublishAndReadOnceTheBrokerAnswers() {
    // When
    startKafka();

    // Then
    try (var events = connect()) {
      events.await(TestEvents.TOPIC, e -> e.key().equals("1"));
      publish(events, "from outside");
      awaitNote("from outside");
    }
    awaitReadiness(200);
  }

  @Test
  @Order(4)
  void shouldKeepEventsWhileTheBrokerIsAway() {
    // Given
    kafka.close();

    // When
    for (int i = 10; i < 20; i++) {
      given().body("kept").post("/notes/" + i).then().statusCode(204);
    }
    awaitReadiness(503);
    get("/q/health/live").then().statusCode(200);
    awaitUnsent(10);
    startKafka();

    // Then
    try (var events = connect()) {
      for (int i = 10; i < 20; i++) {
        String key = String.valueOf(i);
        events.await(TestEvents.TOPIC, e -> e.key().equals(key));
      }
      publish(events, "after the broker's outage");
      awaitNote("after the broker's outage");
    }
    awaitReadiness(200);
    awaitUnsent(0);
  }

  @Test
  @Order(5)
  void shouldWaitWithEventsWhileTheDatabaseIsAway() {
    // Given
    database.close();

    // When
    try (var events = connect()) {
      publish(events, "during the outage");
      get("/notes").then().statusCode(503).body("code", equalTo("database_unavailable"));
      get("/q/health/live").then().statusCode(200);
      awaitReadiness(503);
      startDatabase();

      // Then
      awaitNote("during the outage");
      assertThat(events.deadLetters("agent.changed", "submission-service")).isEmpty();
      await()
          .atMost(LIMIT)
          .untilAsserted(() -> given().body("after").post("/notes/30").then().statusCode(204));
      events.await(TestEvents.TOPIC, e -> e.key().equals("30"));
    }
    awaitReadiness(200);
  }

  private void startKafka() {
    kafka = EmbeddedKafka.start(folder.resolve("kafka"), port("kafka"));
    Topics.create(kafka.bootstrapServers(), "");
  }

  private void startDatabase() {
    database =
        EmbeddedDatabase.start(
            new EmbeddedDatabase.Settings(
                folder.resolve("postgres"),
                folder.resolve("binaries"),
                port("database"),
                Optional.empty(),
                false));
    database.createDatabases(List.of("notes"));
  }

  private static int port(String server) {
    return ConfigProvider.getConfig().getValue("test." + server + "-port", Integer.class);
  }

  private Events connect() {
    return Events.connect(kafka.bootstrapServers(), "");
  }

  private void publish(Events events, String name) {
    String id = UUID.randomUUID().toString();
    events.publish(
        "agent.changed",
        id,
        NoteListener.AGENT_CHANGED,
        "{\"agentId\":\"%s\",\"name\":\"%s\"}".formatted(id, name));
  }

  private void awaitNote(String text) {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(
                        get("/notes")
                            .then()
                            .statusCode(200)
                            .extract()
                            .jsonPath()
                            .getList(".", String.class))
                    .contains(text));
  }

  private void awaitReadiness(int status) {
    await().atMost(LIMIT).untilAsserted(() -> get("/q/health/ready").then().statusCode(status));
  }

  private static void awaitUnsent(int count) {
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(get("/q/metrics").asString())
                    .containsPattern("(?m)^arena_outbox_unsent(\\{.*})? %d\\.0$".formatted(count))
                    .containsPattern(
                        "(?m)^arena_outbox_oldest_unsent_seconds(\\{.*})? %s$"
                            .formatted(count == 0 ? "0\\.0" : "(?!0\\.0$)[0-9.]+")));
  }
}
