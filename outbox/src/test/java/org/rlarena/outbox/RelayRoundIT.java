package org.rlarena.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import liquibase.Liquibase;
import liquibase.database.jvm.JdbcConnection;
import liquibase.resource.ClassLoaderResourceAccessor;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rlarena.infra.Databases;
import org.rlarena.infra.testing.TestInfra;

/** The relay's promises, against a real database and a broker that fails where the test says. */
class RelayRoundIT {

  private static final TestInfra INFRA = new TestInfra();
  private static Map<String, String> settings;

  private final SteppedClock clock = new SteppedClock(Instant.parse("2030-01-01T00:00:00Z"));
  private final UnreliableProducer broker = new UnreliableProducer();
  private final EventSender sender = new EventSender(() -> broker, "p.", "/test");
  private final RelayRound round = new RelayRound(sender, clock);
  private Connection connection;
  private UnsentEvents events;

  @BeforeAll
  static void createSchema() throws Exception {
    INFRA.init(Map.of("database", "relay"));
    settings = INFRA.start();
    try (var log =
        new Liquibase(
            "db/outbox.yaml", new ClassLoaderResourceAccessor(), new JdbcConnection(open()))) {
      log.update("");
    }
  }

  @AfterAll
  static void stop() {
    INFRA.stop();
  }

  @BeforeEach
  void connect() throws SQLException {
    connection = open();
    events = new UnsentEvents(connection);
    execute("truncate outbox_event, processed_event");
  }

  @AfterEach
  void disconnect() throws SQLException {
    events.close();
  }

  @Test
  void shouldSendInOrderAndMark() throws Exception {
    // Given
    add("t", "k", "1", "2", "3");

    // When
    RelayRound.Result result = round.run(events);

    // Then
    assertThat(broker.payloads()).containsExactly("1", "2", "3");
    assertThat(broker.history().getFirst().topic()).isEqualTo("p.t");
    assertThat(result.sent()).isEqualTo(3);
    assertThat(result.failure()).isEmpty();
    assertThat(unsent()).isEmpty();
  }

  @Test
  void shouldHoldBackTheLaneOfAFailingEventAndNoOther() throws Exception {
    // Given
    add("t", "bad", "1");
    add("t", "good", "2", "3");
    add("t", "bad", "4");
    broker.refuse("1", new RecordTooLargeException("too large"));

    // When
    RelayRound.Result result = round.run(events);

    // Then
    assertThat(broker.payloads()).containsExactly("2", "3");
    assertThat(unsent()).containsExactly("1", "4");
    assertThat(result.failure()).containsInstanceOf(RecordTooLargeException.class);
  }

  @Test
  void shouldTryAFailingLaneAgainAfterAPauseAndKeepItsOrder() throws Exception {
    // Given
    add("t", "k", "1", "2");
    broker.refuse("1", new TimeoutException("no answer"));
    round.run(events);
    broker.heal();

    // When
    RelayRound.Result tooEarly = round.run(events);
    clock.advance(Duration.ofMillis(250));
    round.run(events);

    // Then
    assertThat(tooEarly.sent()).isZero();
    assertThat(broker.payloads()).containsExactly("1", "2");
    assertThat(unsent()).isEmpty();
  }

  @Test
  void shouldNeverOvertakeWithinALaneWhateverFails() throws Exception {
    // Given
    for (int number = 0; number < 30; number++) {
      add("t", "k" + number % 3, String.valueOf(number));
    }

    // When
    for (int attempt = 0; !unsent().isEmpty(); attempt++) {
      broker.heal();
      broker.refuseEvery(attempt % 4 + 2, new NotLeaderOrFollowerException("moved"));
      round.run(events);
      clock.advance(Duration.ofSeconds(6));
    }

    // Then
    for (int lane = 0; lane < 3; lane++) {
      int remainder = lane;
      List<Integer> numbers =
          broker.payloads().stream().map(Integer::valueOf).filter(n -> n % 3 == remainder).toList();
      assertThat(numbers).isSorted().doesNotHaveDuplicates().hasSize(10);
    }
  }

  @Test
  void shouldTouchAnUnknownTopicOncePerRoundAndServeTheOthers() throws Exception {
    // Given
    add("lost", "a", "1");
    add("lost", "b", "2");
    add("lost", "c", "3");
    add("known", "a", "4", "5");
    broker.refuseTopic("p.lost", new TimeoutException("Topic p.lost not present in metadata"));

    // When
    round.run(events);

    // Then
    assertThat(broker.attempts("p.lost")).isEqualTo(1);
    assertThat(broker.payloads()).containsExactly("4", "5");
    assertThat(unsent()).containsExactly("1", "2", "3");
  }

  @Test
  void shouldRepeatRatherThanLoseWhenItDiesBetweenSendingAndMarking() throws Exception {
    // Given
    add("t", "k", "1", "2");
    var dying = new UnsentEvents(failingAt("update outbox_event"));

    // When
    assertThatThrownBy(() -> round.run(dying)).isInstanceOf(SQLException.class);
    new RelayRound(sender, clock).run(events);

    // Then
    assertThat(broker.payloads()).containsExactly("1", "1", "2");
    assertThat(broker.ids().get(0)).isEqualTo(broker.ids().get(1));
    assertThat(unsent()).isEmpty();
  }

  @Test
  void shouldLetOneRelayWorkAtATime() throws Exception {
    // Given
    var second = new UnsentEvents(open());

    // When
    boolean first = events.lock();
    boolean whileFirstLives = second.lock();
    events.close();

    // Then
    assertThat(first).isTrue();
    assertThat(whileFirstLives).isFalse();
    await().until(second::lock);
    second.close();
  }

  @Test
  void shouldMeasureWhatWaits() throws Exception {
    // Given
    add("t", "k", "1", "2");
    execute("update outbox_event set occurred_at = now() - interval '90 seconds'");

    // When
    UnsentEvents.Backlog backlog = events.backlog();

    // Then
    assertThat(backlog.count()).isEqualTo(2);
    assertThat(backlog.oldestSeconds()).isBetween(90.0, 120.0);
  }

  @Test
  void shouldDeleteOldSentAndHandledEventsOnly() throws Exception {
    // Given
    add("t", "k", "old", "new", "unsent");
    execute("update outbox_event set sent_at = now() - interval '2 hours' where payload = 'old'");
    execute("update outbox_event set sent_at = now() where payload = 'new'");
    execute("insert into processed_event values ('r', 'old', now() - interval '2 hours')");
    execute("insert into processed_event values ('r', 'new', now())");

    // When
    events.deleteSentBefore(Instant.now().minusSeconds(3600));
    events.deleteProcessedBefore(Instant.now().minusSeconds(3600));

    // Then
    assertThat(strings("select payload from outbox_event order by position"))
        .containsExactly("new", "unsent");
    assertThat(strings("select event_id from processed_event")).containsExactly("new");
  }

  private static Connection open() throws SQLException {
    return Databases.connect(
        settings.get("quarkus.datasource.jdbc.url"),
        settings.get("quarkus.datasource.username"),
        settings.get("quarkus.datasource.password"));
  }

  private void add(String topic, String key, String... payloads) throws SQLException {
    String sql =
        """
        insert into outbox_event
          (event_id, topic, event_key, event_type, subject, payload, occurred_at)
        values (?, ?, ?, 'type', 'subject', ?, now())
        """;
    try (var insert = connection.prepareStatement(sql)) {
      for (String payload : payloads) {
        insert.setObject(1, UUID.randomUUID());
        insert.setString(2, topic);
        insert.setString(3, key);
        insert.setString(4, payload);
        insert.executeUpdate();
      }
    }
  }

  private List<String> unsent() throws SQLException {
    return strings("select payload from outbox_event where sent_at is null order by position");
  }

  private List<String> strings(String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      var values = new ArrayList<String>();
      while (rows.next()) {
        values.add(rows.getString(1));
      }
      return values;
    }
  }

  private void execute(String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** The session breaks when it is to run a statement that starts like this. */
  private Connection failingAt(String start) {
    return (Connection)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Connection.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("prepareStatement")
                  && ((String) arguments[0]).startsWith(start)) {
                throw new SQLException("session is gone", "08006");
              }
              try {
                return method.invoke(connection, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
