package org.rlarena.rating.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.TestInfra;
import org.rlarena.outbox.SchemaMigration;
import org.rlarena.rating.Fixtures;
import org.rlarena.rating.Fixtures.Agent;

/** Neighbours' events into projections, through a real broker and database. */
@QuarkusTest
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "rating_service"))
@WithTestResource(TestKeys.class)
class DirectoryEventsIT {

  @Inject SchemaMigration schema;
  @Inject EntityManager entities;

  private final Agent agent = Agent.named("First");
  private final Agent renamed =
      new Agent(agent.id(), agent.ownerId(), UUID.randomUUID(), "Renamed");
  private final String environment = Fixtures.environment();
  private Events events;

  @BeforeEach
  void connect() {
    schema.await();
    events = Events.connect();
  }

  @AfterEach
  void disconnect() {
    events.close();
  }

  @Test
  void shouldKnowAnAgentAndItsNewestName() {
    // When
    Fixtures.publishChanged(events, agent, environment, 1);
    Fixtures.publishChanged(events, renamed, environment, 2);

    // Then
    eventually(this::known, found -> assertThat(found.name).isEqualTo("Renamed"));
  }

  @Test
  void shouldChangeNothingForARepeatOrAnOlderState() {
    // Given
    Fixtures.publishChanged(events, renamed, environment, 2);
    eventually(this::known, found -> assertThat(found.name).isEqualTo("Renamed"));

    // When: the same again, then version 1, then a mark to wait for
    String json = Fixtures.changed(renamed, environment, 2).toString();
    String id = events.publish("agent.changed", key(), AgentsListener.CHANGED, json);
    events.publish(id, "agent.changed", key(), AgentsListener.CHANGED, json);
    Fixtures.publishChanged(events, agent, environment, 1);
    Agent mark = markAgent();

    // Then
    eventually(() -> known(mark.id()), found -> assertThat(found).isNotNull());
    assertThat(known().name).isEqualTo("Renamed");
  }

  @Test
  void shouldForgetADeletedAgentForGood() {
    // Given
    Fixtures.publishChanged(events, agent, environment, 1);

    // When: deleted, then late and later states
    Fixtures.publishDeleted(events, agent, 3);
    Fixtures.publishChanged(events, renamed, environment, 2);
    Fixtures.publishChanged(events, renamed, environment, 4);
    Agent mark = markAgent();

    // Then
    eventually(() -> known(mark.id()), found -> assertThat(found).isNotNull());
    assertThat(known().isDeleted()).isTrue();
    assertThat(known().name).isNull();
    assertThat(known().ownerId).isNull();
  }

  @Test
  void shouldRememberADeletionThatComesFirst() {
    // When
    Fixtures.publishDeleted(events, agent, 2);
    Fixtures.publishChanged(events, agent, environment, 1);
    Agent mark = markAgent();

    // Then
    eventually(() -> known(mark.id()), found -> assertThat(found).isNotNull());
    assertThat(known().isDeleted()).isTrue();
  }

  @Test
  void shouldFollowActivationsBySequence() {
    // When: 2 before 1, and 2 twice
    Fixtures.publishActivated(events, renamed, environment, 2);
    Fixtures.publishActivated(events, renamed, environment, 2);
    Fixtures.publishActivated(events, agent, environment, 1);
    Fixtures.publishDeactivated(events, renamed, 3);

    // Then
    eventually(
        () -> find(ActiveSubmission.class, agent.id()),
        found -> {
          assertThat(found.active).isFalse();
          assertThat(found.submissionId).isEqualTo(renamed.submissionId());
        });
  }

  @Test
  void shouldFollowNamesOfUsersUntilTheyAreDeleted() {
    // Given
    UUID user = agent.ownerId();
    Fixtures.publishUser(events, user, "newer", 2);
    Fixtures.publishUser(events, user, "newer", 2);
    Fixtures.publishUser(events, user, "older", 1);
    eventually(
        () -> find(KnownUser.class, user), found -> assertThat(found.username).isEqualTo("newer"));

    // When
    Fixtures.publishUserDeleted(events, user, 3);
    Fixtures.publishUser(events, user, "revenant", 4);

    // Then
    eventually(() -> find(KnownUser.class, user), found -> assertThat(found.deleted).isTrue());
    assertThat(find(KnownUser.class, user).username).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "agent.changed, agent.changed.v1",
    "agent.changed, agent.deleted.v1",
    "user.changed, user.changed.v1",
    "user.changed, user.deleted.v1",
    "submission.activated, submission.activated.v1",
    "submission.activated, submission.deactivated.v1"
  })
  void shouldAcceptPublishedExamplesAndPutAsideWhatItCannotRead(String topic, String type) {
    // Given
    String key = UUID.randomUUID().toString();
    String headerType = "org.rlarena." + type;

    // When
    events.publish(topic, key, headerType, Contract.example(type));
    events.publishRaw(
        topic,
        key,
        "{\"sequence\":0}".getBytes(StandardCharsets.UTF_8),
        Map.of(
            "ce_specversion", "1.0",
            "ce_id", "broken-" + key,
            "ce_source", "/test",
            "ce_type", headerType,
            "ce_time", "2026-11-23T10:00:00Z"));

    // Then
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(events.deadLetters(topic, "rating-service"))
                    .extracting(letter -> letter.id())
                    .contains("broken-" + key));
    assertThat(events.deadLetters(topic, "rating-service"))
        .filteredOn(letter -> letter.key().equals(key))
        .allMatch(letter -> letter.id().equals("broken-" + key));
  }

  /** Published with the agent's key, so it is read after everything before it. */
  private Agent markAgent() {
    Agent mark = Agent.named("Mark");
    events.publish(
        "agent.changed",
        key(),
        AgentsListener.CHANGED,
        Fixtures.changed(mark, environment, 1).toString());
    return mark;
  }

  private String key() {
    return agent.id().toString();
  }

  private KnownAgent known() {
    return known(agent.id());
  }

  private KnownAgent known(UUID id) {
    return find(KnownAgent.class, id);
  }

  private <T> T find(Class<T> type, UUID id) {
    return QuarkusTransaction.requiringNew().call(() -> entities.find(type, id));
  }

  private static <T> void eventually(Callable<T> read, Consumer<T> assertion) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              T found = read.call();
              assertThat(found).isNotNull();
              assertion.accept(found);
            });
  }
}
