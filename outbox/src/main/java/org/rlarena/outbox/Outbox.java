package org.rlarena.outbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;

/**
 * Stores events in the transaction of the change they tell about: both commit or neither does.
 *
 * <p>{@link OutboxRelay} publishes them after the commit. Safe for use by several threads.
 */
@ApplicationScoped
public class Outbox {

  private static final String INSERT =
      """
      insert into outbox_event
        (event_id, topic, event_key, event_type, subject, payload, occurred_at, traceparent)
      values (?, ?, ?, ?, ?, ?, ?, ?)
      """;

  private final AgroalDataSource dataSource;
  private final TransactionSynchronizationRegistry transaction;
  private final ObjectMapper json;
  private final OutboxRelay relay;
  private final Clock clock;

  Outbox(
      AgroalDataSource dataSource,
      TransactionSynchronizationRegistry transaction,
      ObjectMapper json,
      OutboxRelay relay) {
    this.dataSource = dataSource;
    this.transaction = transaction;
    this.json = json;
    this.relay = relay;
    this.clock = Clock.systemUTC();
  }

  /**
   * Adds an event to the current transaction; it carries the thread's trace.
   *
   * @return the event's id, {@code ce_id} on the wire
   * @throws IllegalStateException without an active transaction
   * @throws IllegalArgumentException when the data cannot be written as JSON
   */
  public UUID add(Event event) {
    return add(event, Trace.current());
  }

  /**
   * The same for work that goes on after what caused it is over, whoever does it.
   *
   * @param traceparent of the cause, as {@link Trace#current} gave it then
   */
  public UUID add(Event event, Optional<String> traceparent) {
    if (transaction.getTransactionStatus() != Status.STATUS_ACTIVE) {
      throw new IllegalStateException(
          "No active transaction: " + event.type() + " would be published without its cause");
    }
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    UUID id = TimeOrderedId.at(now);
    insert(id, event, payload(event), now, traceparent);
    transaction.registerInterposedSynchronization(new WakeAfterCommit());
    return id;
  }

  private void insert(
      UUID id, Event event, String payload, Instant now, Optional<String> traceparent) {
    try (var connection = dataSource.getConnection();
        var insert = connection.prepareStatement(INSERT)) {
      insert.setObject(1, id);
      insert.setString(2, event.topic());
      insert.setString(3, event.key());
      insert.setString(4, event.type());
      insert.setString(5, event.subject());
      insert.setString(6, payload);
      insert.setTimestamp(7, Timestamp.from(now));
      insert.setString(8, traceparent.orElse(null));
      insert.executeUpdate();
    } catch (SQLException e) {
      throw new OutboxException("Could not store " + event.type(), e);
    }
  }

  private String payload(Event event) {
    try {
      return json.writeValueAsString(event.data());
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Cannot write " + event.type() + " as JSON", e);
    }
  }

  private final class WakeAfterCommit implements Synchronization {

    @Override
    public void beforeCompletion() {
      // the row is written already
    }

    @Override
    public void afterCompletion(int status) {
      if (status == Status.STATUS_COMMITTED) {
        relay.wake();
      }
    }
  }
}
