package org.rlarena.outbox;

import static io.restassured.RestAssured.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.ReceivedEvent;
import org.rlarena.infra.testing.TestInfra;

@QuarkusTest
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "outbox"))
class InboxIT {

  private static final String TOPIC = "agent.changed";
  // generous: the first request of a run on a busy machine has taken more than 20 s
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Inject NoteListener listener;
  @Inject Inbox inbox;
  @Inject Outbox outbox;

  private Events events;
  private final String id = UUID.randomUUID().toString();

  @BeforeEach
  void connect() {
    events = Events.connect();
  }

  @AfterEach
  void close() {
    events.close();
  }

  @Test
  void shouldHandleAnEvent() {
    // When
    publish(UUID.randomUUID().toString(), id, "agent one");

    // Then
    await().atMost(LIMIT).untilAsserted(() -> assertThat(notes()).contains("agent one"));
  }

  @Test
  void shouldHandleARepeatedEventOnce() {
    // Given
    String eventId = UUID.randomUUID().toString();

    // When
    publish(eventId, id, "once");
    publish(eventId, id, "once");
    publish(eventId, id, "once");
    passABarrier();

    // Then
    assertThat(listener.callsFor(id)).isEqualTo(1);
    assertThat(notes()).containsOnlyOnce("once");
    assertThat(lettersOf(id)).isEmpty();
  }

  @Test
  void shouldCarryTheTraceOfAnEventToTheNext() {
    // Given
    String traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
    var record = TestEvents.changed(id, traceparent);

    // When
    inbox.receive("trace", record, event -> outbox.add(TestEvents.created(id, "caused")));

    // Then
    assertThat(events.await(TestEvents.TOPIC, e -> id.equals(e.key())).headers())
        .containsEntry("traceparent", traceparent);
    assertThat(MDC.get("traceId")).isNull();
  }

  @Test
  void shouldMoveARecordWithoutAttributesToTheDeadLetters() {
    // When
    events.publishRaw(TOPIC, id, "no event".getBytes(StandardCharsets.UTF_8), Map.of());
    passABarrier();

    // Then
    ReceivedEvent letter = deadLetter(id);
    assertThat(letter.data().asText()).isEqualTo("no event");
    assertThat(letter.headers())
        .containsEntry("dead-letter-reason", "Header ce_specversion is missing")
        .containsEntry("dead-letter-exception-class-name", UndecodableEvent.class.getName());
    assertThat(letter.headers().get("dead-letter-topic")).endsWith(".agent.changed");
  }

  @Test
  void shouldMoveAnEventWithoutItsFieldsToTheDeadLettersAtOnce() {
    // When
    events.publish(TOPIC, id, NoteListener.AGENT_CHANGED, "{\"agentId\":\"x\"}");
    passABarrier();

    // Then
    assertThat(deadLetter(id).headers().get("dead-letter-reason")).contains("name");
  }

  @Test
  void shouldMoveBrokenJsonToTheDeadLettersAtOnce() {
    // When
    events.publish(TOPIC, id, NoteListener.AGENT_CHANGED, "{\"agentId\":");
    passABarrier();

    // Then
    assertThat(deadLetter(id).headers().get("dead-letter-reason")).contains("cannot be read");
  }

  @Test
  void shouldIgnoreUnknownTypesAndFields() {
    // When
    events.publish(TOPIC, id, "org.rlarena.agent.painted.v9", "{}");
    events.publish(
        TOPIC,
        id,
        NoteListener.AGENT_CHANGED,
        "{\"agentId\":\"%s\",\"name\":\"tolerant\",\"colour\":\"red\"}".formatted(id));

    // Then
    await().atMost(LIMIT).untilAsserted(() -> assertThat(notes()).contains("tolerant"));
    assertThat(lettersOf(id)).isEmpty();
  }

  @Test
  void shouldGiveUpAfterThreeAttemptsAndStoreNothing() {
    // Given
    listener.failFor(
        id,
        List.of(
            new IllegalStateException("one"),
            new IllegalStateException("two"),
            new IllegalStateException("three"),
            new IllegalStateException("four")));

    // When
    publish(UUID.randomUUID().toString(), id, "refused");
    passABarrier();

    // Then
    assertThat(deadLetter(id).headers()).containsEntry("dead-letter-reason", "three");
    assertThat(listener.callsFor(id)).isEqualTo(3);
    assertThat(notes()).doesNotContain("refused");
  }

  @Test
  void shouldTryAgainWhileTheDatabaseHasAPassingFault() {
    // Given
    var faults = new ArrayList<RuntimeException>();
    for (String state : List.of("40001", "40P01", "57P01", "08006", "53300")) {
      faults.add(new IllegalStateException(new SQLException("passing", state)));
    }
    listener.failFor(id, faults);

    // When
    publish(UUID.randomUUID().toString(), id, "patient");

    // Then
    await().atMost(LIMIT).untilAsserted(() -> assertThat(notes()).containsOnlyOnce("patient"));
    assertThat(listener.callsFor(id)).isEqualTo(6);
    assertThat(lettersOf(id)).isEmpty();
  }

  private void publish(String eventId, String agentId, String name) {
    events.publish(
        eventId,
        TOPIC,
        agentId,
        NoteListener.AGENT_CHANGED,
        "{\"agentId\":\"%s\",\"name\":\"%s\"}".formatted(agentId, name));
  }

  /** Waits until everything published before with this test's key has been dealt with. */
  private void passABarrier() {
    String text = "barrier " + UUID.randomUUID();
    String barrier = UUID.randomUUID().toString();
    events.publish(
        TOPIC,
        id,
        NoteListener.AGENT_CHANGED,
        "{\"agentId\":\"%s\",\"name\":\"%s\"}".formatted(barrier, text));
    await().atMost(LIMIT).untilAsserted(() -> assertThat(notes()).contains(text));
  }

  private ReceivedEvent deadLetter(String key) {
    await().atMost(LIMIT).untilAsserted(() -> assertThat(lettersOf(key)).hasSize(1));
    return lettersOf(key).getFirst();
  }

  private List<ReceivedEvent> lettersOf(String key) {
    return events.deadLetters(TOPIC, "submission-service").stream()
        .filter(e -> key.equals(e.key()))
        .toList();
  }

  private List<String> notes() {
    return get("/notes").then().statusCode(200).extract().jsonPath().getList(".", String.class);
  }
}
