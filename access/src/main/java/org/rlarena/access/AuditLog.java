package org.rlarena.access;

import io.agroal.api.AgroalDataSource;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response.Status;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * What administrators did in this service: who, what, when, why. An entry is written in the
 * transaction of the deed, so there is none without the other. For services whose change log
 * includes {@code db/audit.yaml}. Nothing here changes or removes an entry.
 */
@ApplicationScoped
public class AuditLog {

  private static final int MAX_REASON = 500;
  private static final int USUAL_PAGE = 50;
  private static final int LARGEST_PAGE = 200;

  private final AgroalDataSource dataSource;

  AuditLog(AgroalDataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * One deed.
   *
   * @param id grows with each entry of this service
   * @param at UTC
   * @param adminId null when the configuration did it
   * @param action what was done, such as {@code user.banned}
   * @param target id of what it was done to
   */
  @RegisterForReflection
  public record Entry(
      long id,
      Instant at,
      UUID adminId,
      String adminName,
      String action,
      String target,
      String reason) {}

  /**
   * Part of the log, newest first.
   *
   * @param next what to send as {@code before} to read on; null at the end
   */
  @RegisterForReflection
  public record Page(List<Entry> entries, Long next) {}

  /** The body of a deed's request. */
  @RegisterForReflection
  public record Why(String reason) {

    /**
     * The reason, stripped.
     *
     * @param why the body, may be null
     * @throws HttpProblem 400 {@code invalid_reason}
     */
    public static String reason(Why why) {
      return checked(why == null ? null : why.reason());
    }
  }

  /**
   * A reason that can be kept: 3 to 500 characters.
   *
   * @throws HttpProblem 400 {@code invalid_reason}
   */
  public static String checked(String reason) {
    String stripped = reason == null ? "" : reason.strip();
    int length = stripped.codePointCount(0, stripped.length());
    if (length < 3 || length > MAX_REASON || stripped.indexOf('\0') >= 0) {
      throw refused("invalid_reason", "Say why in `reason`, in 3 to 500 characters.");
    }
    return stripped;
  }

  /** Adds an entry in the running transaction. */
  public void add(Caller admin, String action, String target, String reason) {
    add(admin.userId(), admin.username(), action, target, reason);
  }

  /**
   * Adds an entry in the running transaction.
   *
   * @param adminId null when the configuration did it
   */
  public void add(UUID adminId, String adminName, String action, String target, String reason) {
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                insert into audit_log (at, admin_id, admin_name, action, target, reason)
                values (now(), ?, ?, ?, ?, ?)
                """)) {
      statement.setObject(1, adminId);
      statement.setString(2, adminName);
      statement.setString(3, action);
      statement.setString(4, target);
      statement.setString(5, reason);
      statement.executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException("audit entry not written", e);
    }
  }

  /**
   * Reads the log.
   *
   * @param limit 1 to 200, 50 when missing; other numbers are clamped
   * @param before entries with lower ids alone; null for the newest
   * @throws HttpProblem 400 {@code invalid_parameter} for what is no number
   */
  public Page read(String limit, String before) {
    int size = Math.clamp(number("limit", limit, USUAL_PAGE), 1, LARGEST_PAGE);
    long below = number("before", before, Long.MAX_VALUE);
    List<Entry> entries = new ArrayList<>();
    try (Connection connection = dataSource.getConnection();
        PreparedStatement statement =
            connection.prepareStatement(
                """
                select id, at, admin_id, admin_name, action, target, reason from audit_log
                where id < ? order by id desc limit ?
                """)) {
      statement.setLong(1, below);
      statement.setInt(2, size);
      try (ResultSet row = statement.executeQuery()) {
        while (row.next()) {
          entries.add(
              new Entry(
                  row.getLong("id"),
                  row.getObject("at", OffsetDateTime.class)
                      .withOffsetSameInstant(ZoneOffset.UTC)
                      .toInstant(),
                  row.getObject("admin_id", UUID.class),
                  row.getString("admin_name"),
                  row.getString("action"),
                  row.getString("target"),
                  row.getString("reason")));
        }
      }
    } catch (SQLException e) {
      throw new IllegalStateException("audit log not read", e);
    }
    return new Page(entries, entries.size() < size ? null : entries.getLast().id());
  }

  private static long number(String name, String text, long usual) {
    if (text == null || text.isEmpty()) {
      return usual;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw refused("invalid_parameter", "The query parameter " + name + " must be a number.");
    }
  }

  private static HttpProblem refused(String code, String sentence) {
    return HttpProblem.builder()
        .withStatus(Status.BAD_REQUEST)
        .withTitle(Status.BAD_REQUEST.getReasonPhrase())
        .withDetail(sentence)
        .with("code", code)
        .build();
  }
}
