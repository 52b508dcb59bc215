package org.rlarena.build.cluster;

import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.rlarena.build.PlatformFault;
import org.rlarena.build.source.Source;

/**
 * What lets the pods of one Job fetch one upload and hand over its packages: 256 random bits of
 * which the database keeps the digest. Good for every pod of the Job, on every replica, until it
 * expires or the attempt ends. Times are the database's, which all replicas share.
 */
@ApplicationScoped
class BuildTokens {

  private static final String INSERT =
      """
      insert into build_token (token_sha256, attempt_id, job, expires_at)
      values (?, ?, ?, clock_timestamp() + cast(? as interval))
      """;
  private static final String FIND =
      """
      select t.job, a.submission_id, a.source_sha256, a.source_bytes, a.source_kind
      from build_token t join build_attempt a on a.id = t.attempt_id
      where t.token_sha256 = ? and t.expires_at > clock_timestamp()
        and a.state in ('PENDING', 'BUILDING')
      """;
  private static final String BUILDING =
      "select id, faults from build_attempt where state in ('PENDING', 'BUILDING')";
  private static final String FORGET =
      "delete from build_token where expires_at < clock_timestamp()";

  private final AgroalDataSource dataSource;
  private final SecureRandom random = new SecureRandom();

  BuildTokens(AgroalDataSource dataSource) {
    this.dataSource = dataSource;
  }

  /**
   * What a token is good for.
   *
   * @param job name of the Job
   */
  record Grant(String job, UUID submissionId, Source source) {}

  /** Draws a token for a Job; it is shown this once. */
  String draw(UUID attemptId, String job, Duration lifetime) {
    byte[] bits = new byte[32];
    random.nextBytes(bits);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    try (var connection = dataSource.getConnection();
        var insert = connection.prepareStatement(INSERT)) {
      insert.setString(1, digest(token));
      insert.setObject(2, attemptId);
      insert.setString(3, job);
      insert.setString(4, lifetime.toMillis() + " milliseconds");
      insert.executeUpdate();
      return token;
    } catch (SQLException e) {
      throw new PlatformFault("The build could not be prepared.", e);
    }
  }

  /** Empty if the token is unknown or expired, or its attempt no longer builds. */
  Optional<Grant> find(String token) {
    try (var connection = dataSource.getConnection();
        var query = connection.prepareStatement(FIND)) {
      query.setString(1, digest(token));
      try (var row = query.executeQuery()) {
        return row.next()
            ? Optional.of(
                new Grant(
                    row.getString(1),
                    row.getObject(2, UUID.class),
                    new Source(row.getString(3), row.getLong(4), row.getString(5))))
            : Optional.empty();
      }
    } catch (SQLException e) {
      throw new PlatformFault("The token could not be looked up.", e);
    }
  }

  /** Names of the Jobs of all attempts that build or wait to, whether they are there or not. */
  Set<String> wantedJobs() {
    try (var connection = dataSource.getConnection();
        var query = connection.prepareStatement(BUILDING);
        var rows = query.executeQuery()) {
      Set<String> names = new HashSet<>();
      while (rows.next()) {
        names.add(BuildJobs.name(rows.getObject(1, UUID.class), rows.getInt(2)));
      }
      return names;
    } catch (SQLException e) {
      throw new PlatformFault("The attempts could not be read.", e);
    }
  }

  /** Removes what has expired. */
  void forget() {
    try (var connection = dataSource.getConnection();
        var delete = connection.prepareStatement(FORGET)) {
      delete.executeUpdate();
    } catch (SQLException e) {
      throw new PlatformFault("Expired tokens could not be removed.", e);
    }
  }

  private static String digest(String token) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
