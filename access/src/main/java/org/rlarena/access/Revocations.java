package org.rlarena.access;

import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.rlarena.outbox.SchemaMigration;

/**
 * What this service knows of users whose tokens are to be refused: the table {@code access_user},
 * one row per user that ever changed, deleted users kept for ever as tombstones. Several replicas
 * share the table, so each remembers an answer for at most {@value #REMEMBERED_MILLIS} ms; together
 * with the way over Kafka a revocation is in force within two seconds.
 *
 * <p>A user without a row is not refused: events may still be on their way when the token is used.
 */
@ApplicationScoped
class Revocations {

  private static final long REMEMBERED_MILLIS = 1000;
  private static final int REMEMBERED_USERS = 20_000;

  private final AgroalDataSource dataSource;
  private final SchemaMigration schema;
  private final ConcurrentHashMap<String, Remembered> remembered = new ConcurrentHashMap<>();

  Revocations(AgroalDataSource dataSource, SchemaMigration schema) {
    this.dataSource = dataSource;
    this.schema = schema;
  }

  /** Whether a token of this user with this id, issued at this instant, is to be refused. */
  boolean refuses(UUID userId, String tokenId, Instant issuedAt) {
    if (!schema.isReady()) {
      throw new KeysUnavailable("the service's database is not ready yet");
    }
    String key = userId + "/" + tokenId;
    long now = System.currentTimeMillis();
    Remembered known = remembered.get(key);
    if (known != null && now - known.at < REMEMBERED_MILLIS) {
      return known.refused;
    }
    boolean refused = ask(userId, tokenId, issuedAt);
    if (remembered.size() >= REMEMBERED_USERS) {
      remembered.clear();
    }
    remembered.put(key, new Remembered(refused, now));
    return refused;
  }

  private boolean ask(UUID userId, String tokenId, Instant issuedAt) {
    String sql =
        """
        select deleted or status <> 'active' or valid_from > ?
               or exists (select 1 from access_logged_out where user_id = ? and jti = ?)
        from access_user where user_id = ?
        """;
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setObject(1, utc(issuedAt));
      statement.setObject(2, userId);
      statement.setString(3, tokenId);
      statement.setObject(4, userId);
      try (ResultSet row = statement.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    } catch (SQLException e) {
      throw new KeysUnavailable("the service's database does not answer: " + e.getMessage());
    }
  }

  /** Takes over a user's state unless a later one is known; joins the current transaction. */
  void apply(UserChanged user) {
    int rows =
        update(
            """
            insert into access_user (user_id, sequence, status, valid_from, deleted)
            values (?, ?, ?, ?, false)
            on conflict (user_id) do update
              set sequence = excluded.sequence, status = excluded.status,
                  valid_from = excluded.valid_from
              where access_user.sequence < excluded.sequence and not access_user.deleted
            """,
            user.userId(),
            user.sequence(),
            user.status(),
            utc(user.tokensValidFrom()));
    if (rows > 0) {
      for (UserChanged.LoggedOut token : user.loggedOutTokens()) {
        update(
            """
            insert into access_logged_out (user_id, jti, expires_at) values (?, ?, ?)
            on conflict do nothing
            """,
            user.userId(),
            token.jti(),
            utc(token.expiresAt()));
      }
      update("delete from access_logged_out where expires_at < now() - interval '1 hour'");
    }
    remembered.clear();
  }

  /** Keeps the tombstone of a deleted user; joins the current transaction. */
  void applyDeletion(UUID userId, long sequence) {
    update(
        """
        insert into access_user (user_id, sequence, status, valid_from, deleted)
        values (?, ?, 'deleted', now(), true)
        on conflict (user_id) do update set deleted = true, status = 'deleted'
        """,
        userId,
        sequence);
    remembered.clear();
  }

  private int update(String sql, Object... values) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw new RevocationNotStored(e);
    }
  }

  private static OffsetDateTime utc(Instant instant) {
    return instant.atOffset(ZoneOffset.UTC);
  }

  private record Remembered(boolean refused, long at) {}

  /** Carries the database's fault to the reader, which knows what can be tried again. */
  static final class RevocationNotStored extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RevocationNotStored(SQLException cause) {
      super(cause);
    }
  }
}
