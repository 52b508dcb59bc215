package org.rlarena.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.agroal.api.AgroalDataSource;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.TestInfra;

/** A relay that polls once an hour still publishes at once what another replica commits. */
@QuarkusTest
@TestProfile(LeaderBellIT.HardlyEverPolling.class)
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "outbox"))
class LeaderBellIT {

  /** Only a bell or a commit of its own makes this relay look. */
  public static class HardlyEverPolling implements QuarkusTestProfile {

    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of("arena.outbox.poll-interval", "1h");
    }
  }

  @Inject Outbox outbox;
  @Inject AgroalDataSource dataSource;
  @Inject SchemaMigration schema;

  @Test
  void shouldPublishWhatAnotherReplicaCommittedAndRangFor() throws SQLException {
    try (Events events = Events.connect();
        Connection other = RelaySession.open(dataSource)) {
      // Given
      await().until(schema::isReady);
      String own = UUID.randomUUID().toString();
      QuarkusTransaction.requiringNew().run(() -> outbox.add(TestEvents.created(own, "own")));
      events.await(TestEvents.TOPIC, e -> own.equals(e.key()));
      String foreign = UUID.randomUUID().toString();
      insert(other, foreign);

      // When
      LeaderBell.ring(other);

      // Then
      assertThat(events.await(TestEvents.TOPIC, e -> foreign.equals(e.key())).key())
          .isEqualTo(foreign);
    }
  }

  private static void insert(Connection session, String key) throws SQLException {
    try (Statement insert = session.createStatement()) {
      insert.execute(
          """
          insert into outbox_event
            (event_id, topic, event_key, event_type, subject, payload, occurred_at)
          values ('%s', '%s', '%s', '%s', '%s', '{"text": "foreign"}', now())
          """
              .formatted(UUID.randomUUID(), TestEvents.TOPIC, key, TestEvents.TYPE, key));
    }
  }
}
