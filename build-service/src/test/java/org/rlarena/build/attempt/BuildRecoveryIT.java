package org.rlarena.build.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.agroal.api.AgroalDataSource;
import io.grpc.Status;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.scan.ScanStatus;
import org.rlarena.build.scan.Verdict;
import org.rlarena.build.testing.BuildServiceTest;
import org.rlarena.build.testing.FakeExecutor;
import org.rlarena.build.testing.FakeSubmissionService;
import org.rlarena.build.validation.executor.ValidationResponse;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.ReceivedEvent;

/** Neighbours that are away, workers that die, leases that are lost. */
@BuildServiceTest
class BuildRecoveryIT {

  private static final Verdict UNSCANNED =
      new Verdict(ScanStatus.UNAVAILABLE, "There is no scanner here.", Optional.empty());

  private static final String AGENT = "class Agent: pass\n";
  private static final String SUCCEEDED = "org.rlarena.submission.build-succeeded.v1";

  @Inject FakeSubmissionService submissions;
  @Inject FakeExecutor executor;
  @Inject AttemptQueue queue;
  @Inject Sweeper sweeper;
  @Inject AgroalDataSource dataSource;

  @ConfigProperty(name = "arena.build.work-dir")
  Path workDir;

  private Events events;
  private Upload upload;

  @BeforeEach
  void connect() {
    executor.reset();
    events = Events.connect();
    upload = new Upload(submissions, events);
  }

  @AfterEach
  void close() {
    events.close();
  }

  @Test
  void shouldWaitForSubmissionService() {
    // Given
    ObjectNode created = upload.ofPython(AGENT);
    submissions.failNext(2);

    // When
    upload.publishCreated(created);

    // Then
    assertThat(upload.awaitBuilt(created).type()).isEqualTo(SUCCEEDED);
  }

  @Test
  void shouldWaitForASubmissionServiceThatIsAway() {
    // Given
    ObjectNode created = upload.ofPython(AGENT);
    submissions.stop();
    upload.publishCreated(created);
    await().untilAsserted(() -> assertThat(number(created, "faults")).isPositive());

    // When
    submissions.start();

    // Then
    assertThat(upload.awaitBuilt(created).type()).isEqualTo(SUCCEEDED);
  }

  @Test
  void shouldWaitForABusyExecutorWithoutBuildingAgain() {
    // Given
    ObjectNode created = upload.ofPython(AGENT);
    for (int i = 0; i < 5; i++) {
      executor.nextFails(Status.RESOURCE_EXHAUSTED);
    }

    // When
    upload.publishCreated(created);

    // Then
    assertThat(upload.awaitBuilt(created).type()).isEqualTo(SUCCEEDED);
    assertThat(executor.requests()).hasSize(6);
    assertThat(upload.progress(created)).hasSize(3);
  }

  @Test
  void shouldWaitForAnExecutorThatIsAway() {
    // Given
    ObjectNode created = upload.ofPython(AGENT);
    executor.stop();
    upload.publishCreated(created);
    await().untilAsserted(() -> assertThat(number(created, "faults")).isPositive());

    // When
    executor.start();

    // Then
    assertThat(upload.awaitBuilt(created).type()).isEqualTo(SUCCEEDED);
    assertThat(upload.progress(created))
        .extracting(event -> event.data().get("step").asText())
        .containsOnlyOnce("building");
  }

  @Test
  void shouldNotBlameTheAgentForAFaultOfTheExecutor() {
    // Given
    ObjectNode created = upload.ofPython(AGENT);
    executor.nextFails(Status.INTERNAL);
    executor.nextFails(Status.DEADLINE_EXCEEDED);

    // When
    upload.publishCreated(created);

    // Then
    assertThat(upload.awaitBuilt(created).type()).isEqualTo(SUCCEEDED);
  }

  @Test
  void shouldGiveUpWhenThePlatformFailsTooOften() throws SQLException {
    // Given
    ObjectNode created = upload.ofPython(AGENT);
    for (int i = 0; i < 100; i++) {
      executor.nextFails(Status.INTERNAL);
    }

    // When
    upload.publishCreated(created);

    // Then
    ReceivedEvent built = upload.awaitBuilt(created);
    assertThat(number(created, "faults")).isGreaterThanOrEqualTo(4);
    assertThat(built.data().get("reason").asText()).isEqualTo("platform_fault");
    assertThat(built.data().get("step").asText()).isEqualTo("validating");
  }

  @Test
  void shouldRunAgainWhatADeadWorkerHeld() throws Exception {
    // Given
    ObjectNode created = upload.ofPython(AGENT);
    UUID token = UUID.randomUUID();
    Path leftover = Files.createDirectories(workDir.resolve(token.toString()).resolve("code"));
    Files.writeString(leftover.resolve("half.py"), "x");

    // When
    insertHeldByADeadWorker(created, token, 0);

    // Then
    assertThat(upload.awaitBuilt(created).type()).isEqualTo(SUCCEEDED);
    assertThat(number(created, "lost_runs")).isEqualTo(1);
    sweeper.sweep();
    assertThat(leftover.getParent()).doesNotExist();
  }

  @Test
  void shouldGiveUpABuildThatKillsItsWorkers() throws Exception {
    // Given
    ObjectNode created = upload.ofPython(AGENT);

    // When
    insertHeldByADeadWorker(created, UUID.randomUUID(), 9);

    // Then
    assertThat(upload.awaitBuilt(created).data().get("reason").asText())
        .isEqualTo("platform_fault");
    assertThat(executor.requests()).isEmpty();
  }

  @Test
  void shouldDropARunThatHasLostItsLease() throws Exception {
    // Given
    ObjectNode created = upload.ofPython(AGENT);
    CountDownLatch playing = new CountDownLatch(1);
    CountDownLatch late = new CountDownLatch(1);
    executor.next(blocked(playing, late));
    upload.publishCreated(created);
    assertThat(playing.await(20, TimeUnit.SECONDS)).isTrue();
    UUID token = UUID.fromString(text(created, "lease_token"));

    // When
    update(
        created,
        "lease_token = gen_random_uuid(), lease_until = now() + interval '500 milliseconds'");
    ReceivedEvent built = upload.awaitBuilt(created);
    late.countDown();
    upload.passABarrier(created);

    // Then
    assertThat(built.type()).isEqualTo(SUCCEEDED);
    assertThat(upload.built(created)).hasSize(1);
    assertThat(executor.requests()).hasSize(3);
    Lease stale = new Lease(UUID.fromString(text(created, "id")), token);
    assertThatThrownBy(() -> queue.succeed(stale, UNSCANNED)).isInstanceOf(LeaseLost.class);
    assertThatThrownBy(
            () -> queue.fail(stale, new BuildFailed(FailureReason.EXCEPTION, "too late")))
        .isInstanceOf(LeaseLost.class);
    assertThat(queue.renew(stale)).isFalse();
    assertThat(text(created, "state")).isEqualTo("SUCCEEDED");
  }

  @Test
  void shouldLetAHigherAttemptTakeThePlaceOfARunningOne() throws Exception {
    // Given
    ObjectNode created = upload.ofPython(AGENT);
    CountDownLatch playing = new CountDownLatch(1);
    CountDownLatch late = new CountDownLatch(1);
    executor.next(blocked(playing, late));
    upload.publishCreated(created);
    assertThat(playing.await(20, TimeUnit.SECONDS)).isTrue();

    // When
    upload.publish(
        UUID.randomUUID().toString(),
        Upload.REBUILD_REQUESTED,
        created.deepCopy().put("attempt", 2));
    ReceivedEvent built = upload.awaitBuilt(created);
    late.countDown();
    upload.passABarrier(created);

    // Then
    assertThat(built.data().get("attempt").asInt()).isEqualTo(2);
    assertThat(upload.built(created)).hasSize(1);
  }

  @Test
  void shouldLeaveNoFoldersBehind() throws IOException {
    // Given
    ObjectNode created = upload.ofPython(AGENT);

    // When
    upload.publishCreated(created);
    upload.awaitBuilt(created);

    // Then
    try (var folders = Files.list(workDir)) {
      assertThat(folders).isEmpty();
    }
  }

  private static FakeExecutor.Answer blocked(CountDownLatch playing, CountDownLatch end) {
    return request -> {
      playing.countDown();
      end.await(30, TimeUnit.SECONDS);
      return ValidationResponse.newBuilder().setValid(true).build();
    };
  }

  private void insertHeldByADeadWorker(ObjectNode created, UUID token, int lostRuns)
      throws SQLException {
    try (var connection = dataSource.getConnection();
        var insert =
            connection.prepareStatement(
                """
                insert into build_attempt
                  (id, submission_id, agent_id, owner_id, environment_id, submission_version,
                   attempt, source_sha256, source_bytes, source_kind, state, step, created_at,
                   updated_at, lease_token, lease_until, lost_runs, revision)
                values (gen_random_uuid(), ?, ?, ?, 'pong', 1, 1, ?, ?, 'py', 'BUILDING',
                  'BUILDING', now(), now(), ?, now() - interval '1 second', ?, 0)
                """)) {
      insert.setObject(1, UUID.fromString(created.get("submissionId").asText()));
      insert.setObject(2, UUID.fromString(created.get("agentId").asText()));
      insert.setObject(3, UUID.fromString(created.get("ownerId").asText()));
      insert.setString(4, created.get("source").get("sha256").asText());
      insert.setLong(5, created.get("source").get("bytes").asLong());
      insert.setObject(6, token);
      insert.setInt(7, lostRuns);
      insert.executeUpdate();
    }
  }

  private void update(ObjectNode created, String change) throws SQLException {
    try (var connection = dataSource.getConnection();
        var update =
            connection.prepareStatement(
                "update build_attempt set " + change + " where submission_id = ?")) {
      update.setObject(1, UUID.fromString(created.get("submissionId").asText()));
      assertThat(update.executeUpdate()).isEqualTo(1);
    }
  }

  private int number(ObjectNode created, String column) throws SQLException {
    String text = text(created, column);
    return text == null ? 0 : Integer.parseInt(text);
  }

  private String text(ObjectNode created, String column) throws SQLException {
    try (var connection = dataSource.getConnection();
        var query =
            connection.prepareStatement(
                "select " + column + " from build_attempt where submission_id = ?")) {
      query.setObject(1, UUID.fromString(created.get("submissionId").asText()));
      try (var row = query.executeQuery()) {
        return row.next() ? row.getString(1) : null;
      }
    }
  }
}
