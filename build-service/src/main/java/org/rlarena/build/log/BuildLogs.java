package org.rlarena.build.log;

import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.rlarena.build.BuildConfig;
import org.rlarena.objects.ObjectsConfig;

/** All build logs, as chunks in the database. A chunk is stored only under the attempt's lease. */
@ApplicationScoped
public class BuildLogs {

  private static final String APPEND =
      """
      insert into build_log (submission_id, start_offset, length, attempt, written_at, text)
      select ?, coalesce((select max(start_offset + length) from build_log where submission_id = ?), 0),
             ?, ?, ?, ?
      from build_attempt where id = ? and lease_token = ?
      """;
  private static final String ADD =
      """
      insert into build_log (submission_id, start_offset, length, attempt, written_at, text)
      select ?, coalesce((select max(start_offset + length) from build_log where submission_id = ?), 0),
             ?, ?, ?, ?
      """;
  private static final String WRITTEN =
      """
      select coalesce(sum(length), 0), max(written_at) from build_log
      where submission_id = ? and attempt = ?
      """;
  private static final String READ =
      """
      select start_offset, text from build_log
      where submission_id = ? and start_offset + length > ? order by start_offset
      """;
  private static final String END =
      """
      select max(start_offset + length), max(written_at) from build_log where submission_id = ?
      """;

  private final AgroalDataSource dataSource;
  private final Clock clock;
  private final List<String> machinePaths;

  BuildLogs(AgroalDataSource dataSource, Clock clock, BuildConfig build, ObjectsConfig objects) {
    this.dataSource = dataSource;
    this.clock = clock;
    this.machinePaths =
        Stream.of(
                build.workDir().toAbsolutePath().normalize().toString(),
                objects.root().toAbsolutePath().normalize().toString())
            .toList();
  }

  /**
   * Who writes.
   *
   * @param attempt number of the attempt
   * @param leaseToken under which the attempt is held
   */
  public record Writer(UUID submissionId, int attempt, UUID attemptId, UUID leaseToken) {}

  /**
   * Opens the log for one run; it goes on behind what earlier runs have written.
   *
   * @param hiddenPaths more folders of this machine that must not be shown
   */
  public BuildLog open(Writer writer, List<String> hiddenPaths) {
    List<String> hidden =
        Stream.concat(machinePaths.stream(), hiddenPaths.stream())
            .filter(path -> path.length() > "/usr".length())
            .sorted(Comparator.comparingInt(String::length).reversed())
            .toList();
    return opened(writer, hidden);
  }

  /** Adds a line to the log of an attempt that has ended, in the transaction of the caller. */
  public void add(UUID submissionId, int attempt, String line) {
    try (var connection = dataSource.getConnection();
        var insert = connection.prepareStatement(ADD)) {
      insert.setObject(1, submissionId);
      insert.setObject(2, submissionId);
      insert.setInt(3, line.length() + 1);
      insert.setInt(4, attempt);
      insert.setTimestamp(5, Timestamp.from(clock.instant()));
      insert.setString(6, line + "\n");
      insert.executeUpdate();
    } catch (SQLException e) {
      throw new LogUnavailable(e);
    }
  }

  /** The log from an offset on; empty if nothing was ever written. */
  public Optional<LogPart> read(UUID submissionId, long offset) {
    try (var connection = dataSource.getConnection();
        var end = connection.prepareStatement(END);
        var chunks = connection.prepareStatement(READ)) {
      end.setObject(1, submissionId);
      long length;
      Instant writtenAt;
      try (var row = end.executeQuery()) {
        row.next();
        length = row.getLong(1);
        if (row.wasNull()) {
          return Optional.empty();
        }
        writtenAt = row.getTimestamp(2).toInstant();
      }
      StringBuilder text = new StringBuilder();
      chunks.setObject(1, submissionId);
      chunks.setLong(2, offset);
      long at = Math.max(offset, length);
      try (var rows = chunks.executeQuery()) {
        while (rows.next()) {
          String chunk = rows.getString(2);
          long start = rows.getLong(1);
          text.append(chunk, (int) Math.max(0, offset - start), chunk.length());
          at = start + chunk.length();
        }
      }
      if (!text.isEmpty() && Character.isLowSurrogate(text.charAt(0))) {
        // the asked offset lies within a character; half of it could not be sent
        text.deleteCharAt(0);
      }
      return Optional.of(new LogPart(text.toString(), text.isEmpty() ? length : at, writtenAt));
    } catch (SQLException e) {
      throw new LogUnavailable(e);
    }
  }

  private BuildLog opened(Writer writer, List<String> hidden) {
    try (var connection = dataSource.getConnection();
        var query = connection.prepareStatement(WRITTEN)) {
      query.setObject(1, writer.submissionId());
      query.setInt(2, writer.attempt());
      try (var row = query.executeQuery()) {
        row.next();
        Timestamp until = row.getTimestamp(2);
        return new BuildLog(
            hidden,
            row.getLong(1),
            until == null ? null : until.toInstant(),
            chunk -> append(writer, chunk));
      }
    } catch (SQLException e) {
      throw new LogUnavailable(e);
    }
  }

  private void append(Writer writer, String chunk) {
    try (var connection = dataSource.getConnection();
        var insert = connection.prepareStatement(APPEND)) {
      insert.setObject(1, writer.submissionId());
      insert.setObject(2, writer.submissionId());
      insert.setInt(3, chunk.length());
      insert.setInt(4, writer.attempt());
      insert.setTimestamp(5, Timestamp.from(clock.instant()));
      insert.setString(6, chunk);
      insert.setObject(7, writer.attemptId());
      insert.setObject(8, writer.leaseToken());
      // no row: the lease is lost, and this run's words count no more
      insert.executeUpdate();
    } catch (SQLException e) {
      throw new LogUnavailable(e);
    }
  }
}
