package org.rlarena.outbox;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agroal.api.AgroalDataSource;
import io.opentelemetry.context.Context;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.ReceivedEvent;
import org.rlarena.infra.testing.TestInfra;
import org.rlarena.telemetry.Trace;

@QuarkusTest
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "outbox"))
class OutboxIT {

  @Inject Outbox outbox;
  @Inject AgroalDataSource dataSource;

  private Events events;

  @BeforeEach
  void connect() {
    events = Events.connect();
  }

  @AfterEach
  void close() {
    events.close();
  }

  @Test
  void shouldPublishAsCloudEventAfterCommit() {
    // Given
    String key = UUID.randomUUID().toString();

    // When
    UUID id =
        QuarkusTransaction.requiringNew().call(() -> outbox.add(TestEvents.created(key, "first")));

    // Then
    ReceivedEvent event = events.await(TestEvents.TOPIC, e -> key.equals(e.key()));
    assertThat(id.version()).isEqualTo(7);
    assertThat(event.data().path("text").asText()).isEqualTo("first");
    assertThat(Instant.parse(event.headers().get("ce_time")))
        .isBetween(Instant.now().minusSeconds(60), Instant.now());
    assertThat(event.headers())
        .containsEntry("ce_specversion", "1.0")
        .containsEntry("ce_id", id.toString())
        .containsEntry("ce_source", "/submission-service")
        .containsEntry("ce_type", TestEvents.TYPE)
        .containsEntry("ce_subject", key)
        .containsEntry("content-type", "application/json")
        .doesNotContainKey("traceparent");
  }

  @Test
  void shouldCarryTheTraceOfItsCause() {
    // Given
    String key = UUID.randomUUID().toString();
    Context cause =
        Trace.of(Optional.of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));

    // When
    try (var _ = cause.makeCurrent()) {
      QuarkusTransaction.requiringNew().run(() -> outbox.add(TestEvents.created(key, "traced")));
    }

    // Then
    assertThat(events.await(TestEvents.TOPIC, e -> key.equals(e.key())).headers())
        .containsEntry("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  }

  @Test
  void shouldCarryTheTraceOfACauseThatIsOver() {
    // Given
    String key = UUID.randomUUID().toString();
    String cause = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    Context own = Trace.of(Optional.of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));

    // When: told in a trace of its own, such as a round's that serves many
    try (var _ = own.makeCurrent()) {
      QuarkusTransaction.requiringNew()
          .run(() -> outbox.add(TestEvents.created(key, "later"), Optional.of(cause)));
    }

    // Then
    assertThat(events.await(TestEvents.TOPIC, e -> key.equals(e.key())).headers())
        .containsEntry("traceparent", cause);
  }

  @Test
  void shouldPublishNothingOfARolledBackTransaction() {
    // Given
    String key = UUID.randomUUID().toString();

    // When
    assertThatThrownBy(
            () ->
                QuarkusTransaction.requiringNew()
                    .run(
                        () -> {
                          outbox.add(TestEvents.created(key, "never"));
                          throw new IllegalStateException("changed my mind");
                        }))
        .hasMessage("changed my mind");
    QuarkusTransaction.requiringNew().run(() -> outbox.add(TestEvents.created(key, "later")));

    // Then
    events.await(TestEvents.TOPIC, e -> key.equals(e.key()) && text(e).equals("later"));
    assertThat(ofKey(key)).containsExactly("later");
  }

  @Test
  void shouldRefuseWithoutTransaction() {
    assertThatThrownBy(() -> outbox.add(TestEvents.created("a", "b")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("No active transaction");
  }

  @Test
  void shouldKeepTheOrderOfAKey() {
    // Given
    List<String> keys = IntStream.range(0, 5).mapToObj(i -> UUID.randomUUID().toString()).toList();
    List<String> numbers = IntStream.range(0, 60).mapToObj(String::valueOf).toList();

    // When
    for (String number : numbers) {
      QuarkusTransaction.requiringNew()
          .run(() -> keys.forEach(key -> outbox.add(TestEvents.created(key, number))));
    }

    // Then
    for (String key : keys) {
      events.await(TestEvents.TOPIC, e -> key.equals(e.key()) && text(e).equals("59"));
      assertThat(ofKey(key)).isEqualTo(numbers);
    }
  }

  @Test
  void shouldKeepTheOrderOfAKeyWhenTheFirstCommitsLate() throws Exception {
    // Given
    String key = UUID.randomUUID().toString();
    var added = new CountDownLatch(1);
    var mayCommit = new CountDownLatch(1);

    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      // When
      Future<?> first =
          threads.submit(
              () ->
                  QuarkusTransaction.requiringNew()
                      .run(
                          () -> {
                            outbox.add(TestEvents.created(key, "first"));
                            added.countDown();
                            await(mayCommit);
                          }));
      await(added);
      Future<?> second =
          threads.submit(
              () ->
                  QuarkusTransaction.requiringNew()
                      .run(() -> outbox.add(TestEvents.created(key, "second"))));
      while (!second.isDone() && waiting() == 0) {
        Thread.onSpinWait();
      }
      mayCommit.countDown();
      first.get();
      second.get();
    }

    // Then
    events.await(TestEvents.TOPIC, e -> key.equals(e.key()) && text(e).equals("first"));
    events.await(TestEvents.TOPIC, e -> key.equals(e.key()) && text(e).equals("second"));
    assertThat(ofKey(key)).containsExactly("first", "second");
  }

  @Test
  void shouldPublishWithinMillisecondsOfACommit() {
    // Given
    String key = UUID.randomUUID().toString();
    given().body("warm-up").post("/notes/" + UUID.randomUUID()).then().statusCode(204);

    // When
    given().body("quick").post("/notes/" + key).then().statusCode(204);

    // Then
    ReceivedEvent event = events.await(TestEvents.TOPIC, e -> key.equals(e.key()));
    Instant occurred = Instant.parse(event.headers().get("ce_time"));
    assertThat(Duration.between(occurred, Instant.now())).isLessThan(Duration.ofSeconds(5));
  }

  /** Transactions that wait for another one that adds an event of the same key. */
  private long waiting() throws SQLException {
    try (var connection = dataSource.getConnection();
        var statement = connection.createStatement();
        var found =
            statement.executeQuery(
                "select count(*) from pg_locks where locktype = 'advisory' and not granted")) {
      found.next();
      return found.getLong(1);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<String> ofKey(String key) {
    return events.on(TestEvents.TOPIC).stream()
        .filter(e -> key.equals(e.key()))
        .map(OutboxIT::text)
        .toList();
  }

  private static String text(ReceivedEvent event) {
    return event.data().path("text").asText();
  }
}
