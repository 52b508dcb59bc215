package org.rlarena.build.rescan;

import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.bundle.Bundle;

/**
 * Which version each agent plays with, and the leases on their new scans. All statements run in the
 * transaction of the caller; times are the database's, which all replicas share.
 */
@ApplicationScoped
class PlayingBuilds {

  /** Names the lock under which replicas look whether one of them scans already. */
  private static final long ONE_AT_A_TIME = 0x7265_7363_616eL;

  private static final String PUT =
      """
      insert into playing_build (agent_id, sequence, submission_id) values (?, ?, ?)
      on conflict (agent_id) do update
      set sequence = excluded.sequence, submission_id = excluded.submission_id,
          not_before = null, failures = 0, lease_token = null, lease_until = null
      where playing_build.sequence < excluded.sequence
      """;
  private static final String LOCK = "select pg_advisory_xact_lock(?)";
  private static final String TAKE =
      """
      update playing_build
      set lease_token = ?, lease_until = clock_timestamp() + cast(? as interval)
      where not exists (select 1 from playing_build where lease_until >= clock_timestamp())
        and agent_id = (
          select p.agent_id
          from playing_build p
          join lateral (
            select id from build_attempt
            where submission_id = p.submission_id and state = 'SUCCEEDED' and bundle_key is not null
            order by attempt desc limit 1) a on true
          left join build_scan s on s.attempt_id = a.id
          where coalesce(
              p.not_before,
              case when s.status in ('PASSED', 'BLOCKED')
                then s.scanned_at + cast(? as interval) end,
              '-infinity') <= clock_timestamp()
          order by coalesce(s.scanned_at, '-infinity'), p.agent_id
          limit 1
          for update of p skip locked)
      returning agent_id, submission_id, failures
      """;
  private static final String ATTEMPT =
      """
      select id, attempt, bundle_key, bundle_sha256, bundle_bytes, bundle_python_minor,
             bundle_platform, image_digest
      from build_attempt where submission_id = ? and state = 'SUCCEEDED' and bundle_key is not null
      order by attempt desc limit 1
      """;
  private static final String RELEASE =
      """
      update playing_build
      set lease_token = null, lease_until = null, failures = ?,
          not_before = clock_timestamp() + cast(? as interval)
      where agent_id = ? and lease_token = ?
      """;

  private final AgroalDataSource dataSource;

  PlayingBuilds(AgroalDataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * A version that plays, leased for a new scan.
   *
   * @param token drawn anew for each lease; a result under any other token is refused
   * @param failures scans of it in a row that gave no verdict
   */
  record Leased(
      UUID token,
      UUID agentId,
      UUID submissionId,
      UUID attemptId,
      int attempt,
      Bundle bundle,
      Optional<String> imageDigest,
      int failures) {}

  /**
   * From now on an agent plays with this version; a lower sequence changes nothing.
   *
   * @param submissionId null for none
   */
  void put(UUID agentId, long sequence, UUID submissionId) {
    try (var connection = dataSource.getConnection();
        var put = connection.prepareStatement(PUT)) {
      put.setObject(1, agentId);
      put.setLong(2, sequence);
      put.setObject(3, submissionId);
      put.executeUpdate();
    } catch (SQLException e) {
      throw new PlatformFault("What plays could not be noted.", e);
    }
  }

  /**
   * Takes the version whose last verdict is the oldest, if its time has come and no replica scans
   * one anew just now.
   */
  Optional<Leased> take(Duration lease, Duration interval) {
    UUID token = UUID.randomUUID();
    try (var connection = dataSource.getConnection();
        var lock = connection.prepareStatement(LOCK);
        var take = connection.prepareStatement(TAKE)) {
      lock.setLong(1, ONE_AT_A_TIME);
      lock.execute();
      take.setObject(1, token);
      take.setString(2, lease.toMillis() + " milliseconds");
      take.setString(3, interval.toMillis() + " milliseconds");
      try (var row = take.executeQuery()) {
        return row.next() ? Optional.of(leased(connection, token, row)) : Optional.empty();
      }
    } catch (SQLException e) {
      throw new PlatformFault("What is to be scanned anew could not be read.", e);
    }
  }

  private static Leased leased(Connection connection, UUID token, ResultSet taken)
      throws SQLException {
    UUID submissionId = taken.getObject(2, UUID.class);
    try (var find = connection.prepareStatement(ATTEMPT)) {
      find.setObject(1, submissionId);
      try (var row = find.executeQuery()) {
        row.next();
        return new Leased(
            token,
            taken.getObject(1, UUID.class),
            submissionId,
            row.getObject(1, UUID.class),
            row.getInt(2),
            new Bundle(
                row.getString(3),
                row.getString(4),
                row.getLong(5),
                row.getString(6),
                row.getString(7)),
            Optional.ofNullable(row.getString(8)),
            taken.getInt(3));
      }
    }
  }

  /** Ends a lease; false if it was lost, and with it the right to say anything. */
  boolean release(Leased leased, int failures, Duration pause) {
    try (var connection = dataSource.getConnection();
        var release = connection.prepareStatement(RELEASE)) {
      release.setInt(1, failures);
      release.setString(2, pause.toMillis() + " milliseconds");
      release.setObject(3, leased.agentId());
      release.setObject(4, leased.token());
      return release.executeUpdate() == 1;
    } catch (SQLException e) {
      throw new PlatformFault("A new scan could not be noted.", e);
    }
  }
}
