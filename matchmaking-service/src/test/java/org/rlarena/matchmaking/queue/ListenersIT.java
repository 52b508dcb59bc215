package org.rlarena.matchmaking.queue;

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
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.TestInfra;
import org.rlarena.matchmaking.Neighbours;
import org.rlarena.matchmaking.Neighbours.Agent;
import org.rlarena.matchmaking.TestClock;
import org.rlarena.outbox.SchemaMigration;

/** Repeats, late events and unreadable ones, for every listener, on a real broker and database. */
@QuarkusTest
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "matchmaking_service"))
@WithTestResource(TestKeys.class)
class ListenersIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Inject SchemaMigration schema;
  @Inject EntityManager entities;
  @Inject TestClock clock;

  private final Agent ada = Agent.named("Ada");
  private final Agent bob = Agent.named("Bob");
  private Neighbours neighbours;

  @BeforeEach
  void connect() {
    schema.await();
    neighbours = new Neighbours();
  }

  @AfterEach
  void disconnect() {
    neighbours.close();
  }

  @Test
  void shouldKeepTheNewestVersionWhateverComesLate() {
    // Given
    Agent newer = ada.withNewVersion();
    neighbours.changed(ada, 1, true);

    // When: 2, then 2 again under the same event's id, then 1
    String json = neighbours.activation(newer, 2).toString();
    String key = ada.id().toString();
    String id =
        neighbours.events.publish("submission.activated", key, SubmissionsListener.ACTIVATED, json);
    neighbours.events.publish(id, "submission.activated", key, SubmissionsListener.ACTIVATED, json);
    neighbours.activated(ada, 1);
    mark("submission.activated", key, SubmissionsListener.ACTIVATED);

    // Then
    assertThat(one("select submission_id from active_version where agent_id = :id", ada.id()))
        .isEqualTo(newer.submissionId());
    assertThat(one("select active from active_version where agent_id = :id", ada.id()))
        .isEqualTo(true);
  }

  @Test
  void shouldKeepTheNewestRatingWhateverComesLate() {
    // When: number 3, number 3 again, number 2
    neighbours.rated(ada, 1300, bob, 1100, 3);
    neighbours.rated(ada, 1300, bob, 1100, 3);
    neighbours.rated(ada, 1250, bob, 1150, 2);
    mark("rating.changed", neighbours.environment, RatingsListener.CHANGED);

    // Then
    assertThat(one("select elo from agent_rating where agent_id = :id", ada.id())).isEqualTo(1300);
    assertThat(one("select elo from agent_rating where agent_id = :id", bob.id())).isEqualTo(1100);
  }

  @Test
  void shouldKeepTheNewestStateOfAnEnvironmentWhateverComesLate() {
    // When
    neighbours.environment(2, true, true);
    neighbours.environment(2, true, true);
    neighbours.environment(1, false, false);
    mark("environment.changed", neighbours.environment, EnvironmentsListener.CHANGED);

    // Then
    assertThat(
            QuarkusTransaction.requiringNew()
                .call(
                    () ->
                        entities
                            .createNativeQuery("select offered from environment where id = :id")
                            .setParameter("id", neighbours.environment)
                            .getSingleResult()))
        .isEqualTo(true);
  }

  @Test
  void shouldKeepADisabledAgentOutWhateverComesLate() {
    // Given
    neighbours.activated(ada, 1);

    // When: disabled by 2, enabled by 1 that comes later
    neighbours.changed(ada, 2, false);
    neighbours.changed(ada, 2, false);
    neighbours.changed(ada, 1, true);
    mark("agent.changed", ada.id().toString(), AgentsListener.CHANGED);

    // Then
    assertThat(one("select enabled from roster_agent where id = :id", ada.id())).isEqualTo(false);
    assertThat(count("select count(*) from queue_entry where agent_id = :id", ada.id())).isZero();
  }

  @Test
  void shouldLetAVersionRestOnceItsFirstGamesArePlayed() {
    // Given: 30 rated games of Ada's version in the past
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              for (int game = 0; game < 30; game++) {
                pastGame(ada, game);
              }
            });
    neighbours.openEnvironment();

    // When
    neighbours.enter(ada);
    neighbours.enter(bob);

    // Then: her last game ended a minute ago, so she may play in four
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () -> {
              assertThat(count("select count(*) from queue_entry where agent_id = :id", ada.id()))
                  .isOne();
              assertThat(count("select count(*) from queue_entry where agent_id = :id", bob.id()))
                  .isOne();
            });
    assertThat(neighbours.requests()).isEmpty();
    clock.advance(Duration.ofMinutes(5));
    neighbours.awaitRequest(ada, bob);
  }

  @Test
  void shouldStopAtTheDailyLimit() {
    // Given: 100 games today, the last one long enough ago
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              for (int game = 0; game < 100; game++) {
                pastGame(ada, game);
              }
            });
    QuarkusTransaction.requiringNew()
        .run(
            () ->
                entities
                    .createNativeQuery(
                        "update pairing_seat set requested_at = :today where agent_id = :id")
                    .setParameter("today", clock.instant())
                    .setParameter("id", ada.id())
                    .executeUpdate());

    // When
    neighbours.enter(ada);

    // Then: tomorrow
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(
                        count(
                            "select count(*) from queue_entry where agent_id = :id"
                                + " and ready_at = date_trunc('day', ready_at, 'UTC')",
                            ada.id()))
                    .isOne());
  }

  @ParameterizedTest
  @CsvSource({
    "agent.changed, agent.changed.v1",
    "agent.changed, agent.deleted.v1",
    "environment.changed, environment.changed.v1",
    "submission.activated, submission.activated.v1",
    "submission.activated, submission.deactivated.v1",
    "rating.changed, rating.changed.v1",
    "match.finished, match.finished.v1",
    "match.finished, match.failed.v1",
    "match.finished, match.cancelled.v1"
  })
  void shouldAcceptPublishedExamplesAndPutAsideWhatItCannotRead(String topic, String type) {
    // Given
    String key = UUID.randomUUID().toString();
    String headerType = "org.rlarena." + type;

    // When
    neighbours.events.publish(topic, key, headerType, Contract.example(type));
    publishBroken(topic, key, headerType, "{\"sequence\":0}");
    publishBroken(topic, key, headerType, "not JSON");

    // Then
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(neighbours.events.deadLetters(topic, "matchmaking-service"))
                    .filteredOn(letter -> letter.key().equals(key))
                    .hasSize(2)
                    .allMatch(letter -> letter.id().startsWith("broken-")));
  }

  private void publishBroken(String topic, String key, String type, String value) {
    neighbours.events.publishRaw(
        topic,
        key,
        value.getBytes(StandardCharsets.UTF_8),
        Map.of(
            "ce_specversion", "1.0",
            "ce_id", "broken-" + UUID.randomUUID(),
            "ce_source", "/test",
            "ce_type", type,
            "ce_time", "2026-11-23T10:00:00Z"));
  }

  /** Waits until everything published before with this key has been handled. */
  private void mark(String topic, String key, String type) {
    String mark = "broken-" + UUID.randomUUID();
    neighbours.events.publishRaw(
        topic,
        key,
        "end".getBytes(StandardCharsets.UTF_8),
        Map.of(
            "ce_specversion", "1.0",
            "ce_id", mark,
            "ce_source", "/test",
            "ce_type", type,
            "ce_time", "2026-11-23T10:00:00Z"));
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(neighbours.events.deadLetters(topic, "matchmaking-service"))
                    .extracting(letter -> letter.id())
                    .contains(mark));
  }

  /** A finished rated game against somebody, the newest one having ended a minute ago. */
  private void pastGame(Agent agent, int game) {
    UUID match = UUID.randomUUID();
    var at = clock.instant().minus(Duration.ofMinutes(100 - game)).minus(Duration.ofMinutes(1));
    var ended = game < 29 ? at : clock.instant().minus(Duration.ofMinutes(1));
    entities
        .createNativeQuery(
            """
            insert into pairing
              (match_id, environment_id, seed, reason, requested_at, state, rated, closed_at)
            values (:match, 'past', 1, 'CLOSE_RATING', :at, 'FINISHED', true, :ended)
            """)
        .setParameter("match", match)
        .setParameter("at", at)
        .setParameter("ended", ended)
        .executeUpdate();
    for (var seat : List.of(agent, Agent.named("Past opponent"))) {
      entities
          .createNativeQuery(
              """
              insert into pairing_seat
                (match_id, seat, agent_id, submission_id, rating, requested_at, open)
              values (:match, :seat, :agent, :submission, 1200, :at, false)
              """)
          .setParameter("match", match)
          .setParameter("seat", seat == agent ? 0 : 1)
          .setParameter("agent", seat.id())
          .setParameter("submission", seat.submissionId())
          .setParameter("at", at)
          .executeUpdate();
    }
  }

  private Object one(String sql, UUID id) {
    return QuarkusTransaction.requiringNew()
        .call(() -> entities.createNativeQuery(sql).setParameter("id", id).getSingleResult());
  }

  private long count(String sql, UUID id) {
    return ((Number) one(sql, id)).longValue();
  }
}
