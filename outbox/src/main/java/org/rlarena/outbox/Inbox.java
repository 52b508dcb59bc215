package org.rlarena.outbox;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.agroal.api.AgroalDataSource;
import io.opentelemetry.api.trace.SpanKind;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jboss.logging.Logger;
import org.rlarena.telemetry.Work;

/**
 * Runs a listener's work at most once per event, in one transaction with the note that it is done.
 *
 * <p>Called from a blocking listener, so that the records of a partition stay in order: one that
 * waits for the database makes those behind it wait. Safe for use by several threads.
 */
@ApplicationScoped
public class Inbox {

  private static final Logger LOG = Logger.getLogger(Inbox.class);
  private static final int ATTEMPTS = 3;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
  private static final String INSERT =
      "insert into processed_event (reader, event_id) values (?, ?) on conflict do nothing";

  private final AgroalDataSource dataSource;
  private final SchemaMigration schema;
  private final ObjectMapper json;
  private final Work work;
  private final CountDownLatch stopping = new CountDownLatch(1);

  Inbox(AgroalDataSource dataSource, SchemaMigration schema, ObjectMapper json, Work work) {
    this.dataSource = dataSource;
    this.schema = schema;
    this.json = json;
    this.work = work;
  }

  /**
   * Handles one record, unless this reader has handled its event before.
   *
   * <p>Faults of the database that pass are waited out, however long they last; each attempt has a
   * fresh transaction. The handler must not reach outside the database, or must be repeatable
   * there.
   *
   * <p>What the handler publishes carries the event's trace.
   *
   * @param reader name of the listener, unique within the service and never changed: under a new
   *     name every event counts as unseen
   * @param handler called in the transaction
   * @throws UndecodableEvent at once, when the record is no CloudEvent or the handler says so
   * @throws RuntimeException of the handler, after three attempts; the connector then moves the
   *     record to the dead-letter topic
   */
  public void receive(
      String reader, ConsumerRecord<String, byte[]> record, Consumer<IncomingEvent> handler) {
    IncomingEvent event = IncomingEvent.of(record, json);
    work.run(
        "process " + event.type(),
        SpanKind.CONSUMER,
        event.traceparent(),
        event.ids(),
        () -> receive(reader, event, handler));
  }

  private void receive(String reader, IncomingEvent event, Consumer<IncomingEvent> handler) {
    awaitSchema();
    Duration pause = FIRST_PAUSE;
    int failures = 0;
    while (true) {
      try {
        QuarkusTransaction.requiringNew().run(() -> handleOnce(reader, event, handler));
        return;
      } catch (UndecodableEvent e) {
        throw e;
      } catch (RuntimeException e) {
        if (!DatabaseFault.isTransient(e) && ++failures == ATTEMPTS) {
          throw e;
        }
        // once per event, not once per attempt: an outage can last
        Logger.Level level = pause == FIRST_PAUSE ? Logger.Level.WARN : Logger.Level.DEBUG;
        LOG.logf(level, "Reader %s cannot handle %s yet: %s", reader, event, e.getMessage());
      }
      pause(pause);
      pause = longer(pause);
    }
  }

  void stop(@Observes ShutdownEvent event) {
    stopping.countDown();
  }

  private void handleOnce(String reader, IncomingEvent event, Consumer<IncomingEvent> handler) {
    if (noteFirstTime(reader, event.id())) {
      handler.accept(event);
    }
  }

  /**
   * Inserted first: a second delivery at the same time waits here until the first has committed.
   */
  private boolean noteFirstTime(String reader, String eventId) {
    try (var connection = dataSource.getConnection();
        var insert = connection.prepareStatement(INSERT)) {
      insert.setString(1, reader);
      insert.setString(2, eventId);
      return insert.executeUpdate() == 1;
    } catch (SQLException e) {
      throw new OutboxException("Could not note event " + eventId, e);
    }
  }

  private void awaitSchema() {
    while (!schema.isReady()) {
      pause(FIRST_PAUSE);
    }
  }

  private void pause(Duration pause) {
    try {
      if (stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
        // An exception now would move the event to the dead-letter topic while the channel still
        // works. Held back until the channel is closed it is simply read again after the restart.
        Thread.sleep(STOP_LIMIT);
      } else {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new IllegalStateException("The application stops; the event will be read again");
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }
}
