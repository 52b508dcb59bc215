package org.rlarena.webhook.deliveries;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.rlarena.webhook.Database;

/**
 * What is to be told to one hook, and how that went. Its id names the message to the receiver: the
 * same at every attempt and every replay.
 *
 * @param type of the event, such as {@code match.finished.v1}; {@code ping} for a test
 * @param attempts begun since it was made or replayed
 * @param nextAttemptAt when it is due, while it waits
 * @param lastAttemptAt null before the first one
 * @param endedAt null while it waits
 * @param responseCode of the last attempt; null when there was no answer
 * @param responseStart first bytes of that answer as text; null without one
 * @param error why the last attempt failed; null when it did not
 */
record Delivery(
    UUID id,
    UUID webhookId,
    String type,
    State state,
    int attempts,
    Instant nextAttemptAt,
    Instant createdAt,
    Instant lastAttemptAt,
    Instant endedAt,
    Integer responseCode,
    String responseStart,
    String error) {

  /** Where it stands. */
  enum State {
    WAITING,
    DELIVERED,
    FAILED;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Delivery of(ResultSet row) throws SQLException {
    return new Delivery(
        row.getObject("id", UUID.class),
        row.getObject("webhook_id", UUID.class),
        row.getString("type"),
        State.valueOf(row.getString("state")),
        row.getInt("attempts"),
        Database.instant(row, "next_attempt_at"),
        Database.instant(row, "created_at"),
        Database.instant(row, "last_attempt_at"),
        Database.instant(row, "ended_at"),
        row.getObject("response_code", Integer.class),
        row.getString("response_start"),
        row.getString("error"));
  }
}
