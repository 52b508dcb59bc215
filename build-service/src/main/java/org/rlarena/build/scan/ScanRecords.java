package org.rlarena.build.scan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.build.PlatformFault;

/** The latest verdict on each attempt, kept with it. */
@ApplicationScoped
public class ScanRecords {

  private static final String PUT =
      """
      insert into build_scan (attempt_id, status, reason, details, scanned_at)
      values (?, ?, ?, ?, ?)
      on conflict (attempt_id) do update
      set status = excluded.status, reason = excluded.reason, details = excluded.details,
          scanned_at = excluded.scanned_at
      """;
  private static final String FIND =
      "select status, reason, details, scanned_at from build_scan where attempt_id = ?";

  private final AgroalDataSource dataSource;
  private final ObjectMapper json;

  ScanRecords(AgroalDataSource dataSource, ObjectMapper json) {
    this.dataSource = dataSource;
    this.json = json;
  }

  /** A verdict and when it was given. */
  public record Recorded(Verdict verdict, Instant scannedAt) {}

  /** Takes the place of an earlier verdict; in the transaction of the caller. */
  public void put(UUID attemptId, Verdict verdict, Instant now) {
    try (var connection = dataSource.getConnection();
        var put = connection.prepareStatement(PUT)) {
      put.setObject(1, attemptId);
      put.setString(2, verdict.status().name());
      put.setString(3, verdict.reason());
      put.setString(
          4, verdict.details().isEmpty() ? null : json.writeValueAsString(verdict.details().get()));
      put.setTimestamp(5, Timestamp.from(now));
      put.executeUpdate();
    } catch (SQLException | JsonProcessingException e) {
      throw new PlatformFault("The scan could not be recorded.", e);
    }
  }

  public Optional<Recorded> find(UUID attemptId) {
    try (var connection = dataSource.getConnection();
        var find = connection.prepareStatement(FIND)) {
      find.setObject(1, attemptId);
      try (var row = find.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        String details = row.getString(3);
        return Optional.of(
            new Recorded(
                new Verdict(
                    ScanStatus.valueOf(row.getString(1)),
                    row.getString(2),
                    details == null
                        ? Optional.empty()
                        : Optional.of(json.readValue(details, Verdict.Details.class))),
                row.getTimestamp(4).toInstant()));
      }
    } catch (SQLException | JsonProcessingException e) {
      throw new PlatformFault("The scan could not be read.", e);
    }
  }
}
