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
import org.rlarena.telemetry.Trace;

/**
 * Stores events in the transaction of the change they tell about: both commit or neither does.
 *
 * <p>{@link OutboxRelay} publishes them after the commit. Safe for use by several threads.
 * Transactions that add events of the same topic and key commit one after the other: whoever comes
 * second waits in {@link #add} until the first has ended. A transaction that adds events of several
 * keys does so in the order of the keys, or two of them could wait for each other.
 */
@ApplicationScoped
public class Outbox {

  /**
   * Positions are drawn before the commit: without the lock, of two transactions at once the later
   * position could be published first. The first number tells this lock from others of a database.
   */
  private static final String INSERT =
      """
      with lane as materialized (select pg_advisory_xact_lock(1869968496, hashtext(? || ' ' || ?)))
      insert into outbox_event
        (event_id, topic, event_key, event_type, subject, payload, occurred_at, traceparent)
      select ?, ?, ?, ?, ?, ?, ?, ? from lane
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
      insert.setString(1, event.topic());
      insert.setString(2, event.key());
      insert.setObject(3, id);
      insert.setString(4, event.topic());
      insert.setString(5, event.key());
      insert.setString(6, event.type());
      insert.setString(7, event.subject());
      insert.setString(8, payload);
      insert.setTimestamp(9, Timestamp.from(now));
      insert.setString(10, traceparent.orElse(null));
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
