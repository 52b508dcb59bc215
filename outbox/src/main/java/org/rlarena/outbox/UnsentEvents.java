package org.rlarena.outbox;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The outbox table as the relay sees it, over one session that also holds the relay's lock: if the
 * session dies, lock and access are lost together, and no second relay can be at work.
 */
final class UnsentEvents implements AutoCloseable {

  private static final long LOCK = 0x72_6c_61_72_65_6e_61_02L;
  private static final int DELETE_BATCH = 1000;

  private final Connection connection;

  /** Takes over the connection, which must commit each statement by itself. */
  UnsentEvents(Connection connection) {
    this.connection = connection;
  }

  /**
   * What waits.
   *
   * @param count rows
   * @param oldestSeconds age of the oldest, 0 without any
   */
  record Backlog(long count, double oldestSeconds) {}

  /** Makes this session the database's only relay, or returns false if there is another one. */
  boolean lock() throws SQLException {
    try (var lock = connection.prepareStatement("select pg_try_advisory_lock(?)")) {
      lock.setLong(1, LOCK);
      try (ResultSet result = lock.executeQuery()) {
        result.next();
        return result.getBoolean(1);
      }
    }
  }

  /** The next events in order, without those of blocked topics and lanes. */
  List<StoredEvent> next(int limit, Collection<String> topics, Collection<String> lanes)
      throws SQLException {
    String sql =
        """
        select position, event_id, topic, event_key, event_type, subject, payload, occurred_at,
               traceparent
        from outbox_event
        where sent_at is null and topic <> all (?) and topic || ' ' || event_key <> all (?)
        order by position limit ?
        """;
    try (var select = connection.prepareStatement(sql)) {
      select.setArray(1, connection.createArrayOf("text", topics.toArray()));
      select.setArray(2, connection.createArrayOf("text", lanes.toArray()));
      select.setInt(3, limit);
      try (ResultSet rows = select.executeQuery()) {
        var events = new ArrayList<StoredEvent>();
        while (rows.next()) {
          events.add(event(rows));
        }
        return events;
      }
    }
  }

  void markSent(Collection<Long> positions) throws SQLException {
    String sql = "update outbox_event set sent_at = now() where position = any (?)";
    try (var update = connection.prepareStatement(sql)) {
      update.setArray(1, connection.createArrayOf("bigint", positions.toArray()));
      update.executeUpdate();
    }
  }

  /** Deletes sent events from before that time, in small transactions. */
  void deleteSentBefore(Instant time) throws SQLException {
    deleteInBatches(
        """
        delete from outbox_event where position in
          (select position from outbox_event where sent_at < ? limit ?)
        """,
        time);
  }

  /** Forgets events that listeners handled before that time, in small transactions. */
  void deleteProcessedBefore(Instant time) throws SQLException {
    deleteInBatches(
        """
        delete from processed_event where (reader, event_id) in
          (select reader, event_id from processed_event where processed_at < ? limit ?)
        """,
        time);
  }

  Backlog backlog() throws SQLException {
    String sql =
        """
        select count(*), coalesce(greatest(extract(epoch from now() - min(occurred_at)), 0), 0)
        from outbox_event where sent_at is null
        """;
    try (PreparedStatement select = connection.prepareStatement(sql);
        ResultSet result = select.executeQuery()) {
      result.next();
      return new Backlog(result.getLong(1), result.getDouble(2));
    }
  }

  /** The session that all of this happens in. */
  Connection session() {
    return connection;
  }

  /** Ends the session and with it the lock. */
  @Override
  public void close() throws SQLException {
    connection.close();
  }

  private void deleteInBatches(String sql, Instant time) throws SQLException {
    try (var delete = connection.prepareStatement(sql)) {
      delete.setTimestamp(1, Timestamp.from(time));
      delete.setInt(2, DELETE_BATCH);
      while (delete.executeUpdate() == DELETE_BATCH) {
        // until a batch is not full
      }
    }
  }

  private static StoredEvent event(ResultSet row) throws SQLException {
    return new StoredEvent(
        row.getLong("position"),
        row.getObject("event_id", UUID.class),
        row.getString("topic"),
        row.getString("event_key"),
        row.getString("event_type"),
        row.getString("subject"),
        row.getString("payload"),
        row.getTimestamp("occurred_at").toInstant(),
        Optional.ofNullable(row.getString("traceparent")));
  }
}
