package org.rlarena.webhook.hooks;

import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.rlarena.webhook.Database;

/**
 * What an author registered.
 *
 * @param events names out of {@link #EVENTS}
 * @param description may be empty
 * @param enabled whether it is told of anything
 * @param disabledReason why the service disabled it; null when its owner did, or while it is
 *     enabled
 * @param failingSince the first failed attempt since the last success; null after a success
 * @param generation of the secret, from 1
 * @param rotatedAt when the secret took the place of another; null for the first one
 */
public record Webhook(
    UUID id,
    UUID ownerId,
    URI url,
    List<String> events,
    String description,
    boolean enabled,
    String disabledReason,
    Instant failingSince,
    int generation,
    Instant rotatedAt,
    Instant createdAt,
    Instant updatedAt) {

  /** What a hook can be told of: the topics by name. */
  public static final List<String> EVENTS =
      List.of("match.finished", "submission.built", "rating.changed");

  static Webhook of(ResultSet row) throws SQLException {
    return new Webhook(
        row.getObject("id", UUID.class),
        row.getObject("owner_id", UUID.class),
        URI.create(row.getString("url")),
        List.of((String[]) row.getArray("events").getArray()),
        row.getString("description"),
        row.getBoolean("enabled"),
        row.getString("disabled_reason"),
        Database.instant(row, "failing_since"),
        row.getInt("secret_generation"),
        Database.instant(row, "secret_rotated_at"),
        Database.instant(row, "created_at"),
        Database.instant(row, "updated_at"));
  }
}
