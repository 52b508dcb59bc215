package org.rlarena.build.rescan;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rlarena.build.scan.ScanRecords;
import org.rlarena.build.scan.ScanStatus;
import org.rlarena.build.scan.Verdict;
import org.rlarena.build.testing.BuildServiceTest;
import org.rlarena.outbox.SchemaMigration;

/** Who may scan what anew, and when; the service of this test has no worker that does. */
@BuildServiceTest
class RescansTest {

  private static final Verdict PASSED =
      new Verdict(
          ScanStatus.PASSED,
          "Nothing was found.",
          Optional.of(new Verdict.Details("trivy", "0.74.0", null, none(), null, 0, List.of())));
  private static final Verdict BLOCKED =
      new Verdict(ScanStatus.BLOCKED, "Something was found.", PASSED.details());
  private static final Verdict FAILED =
      new Verdict(ScanStatus.FAILED, "The scanner broke off.", Optional.empty());

  @Inject Rescans rescans;
  @Inject PlayingBuilds playing;
  @Inject ScanRecords records;
  @Inject AgroalDataSource dataSource;
  @Inject SchemaMigration schema;

  private final UUID agentId = UUID.randomUUID();
  private final UUID submissionId = UUID.randomUUID();
  private final UUID attemptId = UUID.randomUUID();

  @BeforeEach
  void play() throws InterruptedException {
    schema.await();
    attempt(attemptId, agentId, submissionId);
    playing.put(agentId, 1, submissionId);
  }

  @AfterEach
  void clear() {
    run("delete from playing_build");
  }

  @Test
  void shouldGiveOneVersionToOneReplicaAtATime() {
    // Given another one that waits
    UUID other = UUID.randomUUID();
    UUID otherSubmission = UUID.randomUUID();
    attempt(UUID.randomUUID(), other, otherSubmission);
    playing.put(other, 1, otherSubmission);

    // When
    PlayingBuilds.Leased first = rescans.take().orElseThrow();

    // Then
    assertThat(rescans.take()).isEmpty();
    rescans.finish(first, PASSED);
    PlayingBuilds.Leased second = rescans.take().orElseThrow();
    assertThat(List.of(first.submissionId(), second.submissionId()))
        .containsExactlyInAnyOrder(submissionId, otherSubmission);
    rescans.finish(second, PASSED);
    assertThat(rescans.take()).as("both were just scanned").isEmpty();
  }

  @Test
  void shouldRefuseTheVerdictOfAReplicaThatHasLostItsLease() {
    // Given
    PlayingBuilds.Leased dead = rescans.take().orElseThrow();
    run("update playing_build set lease_until = clock_timestamp() - interval '1 second'");
    PlayingBuilds.Leased next = rescans.take().orElseThrow();

    // When
    rescans.finish(dead, BLOCKED);

    // Then
    assertThat(next.token()).isNotEqualTo(dead.token());
    assertThat(records.find(attemptId)).isEmpty();
    assertThat(blocksTold()).isZero();
    rescans.finish(next, PASSED);
    assertThat(records.find(attemptId).orElseThrow().verdict()).isEqualTo(PASSED);
  }

  @Test
  void shouldRefuseTheVerdictOnAVersionThatPlaysNoLonger() {
    // Given
    PlayingBuilds.Leased leased = rescans.take().orElseThrow();
    playing.put(agentId, 2, null);

    // When
    rescans.finish(leased, BLOCKED);

    // Then
    assertThat(blocksTold()).isZero();
    assertThat(rescans.take()).isEmpty();
  }

  @Test
  void shouldTellABlockOnceAndComeBackToItLater() {
    // When
    rescans.finish(rescans.take().orElseThrow(), BLOCKED);

    // Then
    assertThat(blocksTold()).isEqualTo(1);
    assertThat(rescans.take()).isEmpty();
    run("update playing_build set not_before = clock_timestamp()");
    assertThat(rescans.take()).as("in case nobody took it out of the play").isPresent();
  }

  @Test
  void shouldWaitLongerAfterEachFailureAndKeepTheLastVerdict() {
    // Given
    rescans.finish(rescans.take().orElseThrow(), PASSED);

    for (int failures = 1; failures <= 3; failures++) {
      // When
      run("update playing_build set not_before = clock_timestamp()");
      PlayingBuilds.Leased leased = rescans.take().orElseThrow();
      assertThat(leased.failures()).isEqualTo(failures - 1);
      rescans.finish(leased, FAILED);

      // Then
      assertThat(
              number(
                  "select round(extract(epoch from not_before - clock_timestamp()) / 600)"
                      + " from playing_build"))
          .isEqualTo(1L << (failures - 1));
    }
    assertThat(records.find(attemptId).orElseThrow().verdict()).isEqualTo(PASSED);
  }

  @Test
  void shouldScanAFailedOneAgainAndNotOneThatJustPassed() {
    // Given
    records.put(attemptId, FAILED, Instant.now());
    PlayingBuilds.Leased leased = rescans.take().orElseThrow();
    rescans.giveBack(leased);

    // When
    records.put(attemptId, PASSED, Instant.now());
    playing.put(agentId, 2, submissionId);

    // Then
    assertThat(rescans.take()).isEmpty();
    records.put(attemptId, PASSED, Instant.now().minusSeconds(25 * 3600));
    assertThat(rescans.take()).isPresent();
  }

  private static Verdict.SeverityCounts none() {
    Verdict.SeverityCount zero = new Verdict.SeverityCount(0, 0);
    return new Verdict.SeverityCounts(zero, zero, zero, zero, zero);
  }

  private void attempt(UUID id, UUID agent, UUID submission) {
    run(
        """
        insert into build_attempt (id, submission_id, agent_id, owner_id, environment_id,
          submission_version, attempt, source_sha256, source_bytes, source_kind, state, bundle_key,
          bundle_sha256, bundle_bytes, bundle_python_minor, bundle_platform, created_at, updated_at,
          revision)
        values ('%s', '%s', '%s', gen_random_uuid(), 'pong', 1, 1, 'ab', 1, 'py', 'SUCCEEDED',
          'bundles/ab.zip', 'ab', 1, '3.11', 'linux_x86_64', now(), now(), 1)
        """
            .formatted(id, submission, agent));
  }

  /** Those that the relay has sent are gone from the table, so the log is asked. */
  private long blocksTold() {
    return number(
        "select count(*) from build_log where submission_id = '%s'".formatted(submissionId));
  }

  private void run(String sql) {
    try (var connection = dataSource.getConnection();
        var statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private long number(String sql) {
    try (var connection = dataSource.getConnection();
        var statement = connection.createStatement();
        var row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
