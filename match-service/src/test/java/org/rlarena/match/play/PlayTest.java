package org.rlarena.match.play;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.agroal.api.AgroalDataSource;
import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.executor.v1.MatchRequest;
import org.rlarena.executor.v1.Verdict;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.ReceivedEvent;
import org.rlarena.match.directory.Bundle;
import org.rlarena.match.testing.FakeExecutor;
import org.rlarena.match.testing.ServiceTest;

/** Matches against a real gRPC server that behaves well, badly, or not at all. */
@QuarkusTest
class PlayTest extends ServiceTest {

  private static final String WAITING =
      "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
          + " and datname = current_database()";
  private static final String REPLAY = "{\"metadata\":{},\"frames\":[],\"version\":\"1.0\"}";

  @Inject AgroalDataSource dataSource;
  @Inject MeterRegistry metrics;

  @Test
  void shouldPlayRequestedMatchAndPublishItsResultWithReplay() {
    // Given
    Player first = Player.fresh();
    Player second = Player.fresh();
    try (FakeExecutor executor =
        FakeExecutor.at(0)
            .plays(
                request -> {
                  assertThat(put(request.getReplayUploadUrl(), REPLAY)).isEqualTo(204);
                  assertThat(put(request.getReplayHtmlUploadUrl(), "<html></html>")).isEqualTo(204);
                  assertThat(put(request.getLogUploadUrl(), "{\"agents\":[]}")).isEqualTo(204);
                  return FakeExecutor.answer(
                      request, response -> response.setReplaySha256(sha256(REPLAY)));
                })) {
      // When
      UUID id = request(first, second);
      JsonPath match = awaitStatus(id, "completed");
      // Then
      assertThat(match.getString("match.winnerId")).isEqualTo(first.agentId().toString());
      assertThat(match.getString("match.outcome")).isEqualTo("win");
      assertThat(match.getString("match.ratingStatus")).isEqualTo("pending");
      assertThat(match.getDouble("match.agent2Score")).isEqualTo(-7.0);
      assertThat(match.getList("match.participants.rank")).containsExactly(1, 2);
      assertThat(match.getLong("match.seed")).isEqualTo(4711);
      assertThat(match.getLong("match.steps")).isEqualTo(628);
      assertThat(match.getString("match.replayUrl")).isEqualTo("replays/" + id + ".json");

      MatchRequest sent = executor.requests().getFirst();
      assertThat(sent.getMatchId()).isEqualTo(id.toString());
      assertThat(sent.getSeed()).isEqualTo(4711);
      assertThat(sent.getEnvironment()).isEqualTo("pong");
      assertThat(sent.getTimeoutSec()).isEqualTo(20);
      assertThat(sent.getAgents(1).getMetadataMap()).containsEntry("name", second.name());
      assertThat(executor.bearers()).containsOnly("Bearer executors-token");

      ReceivedEvent finished = finished(id);
      Contract.assertMatches(finished);
      assertThat(finished.data().at("/replay/key").asText())
          .isEqualTo("replays/" + id + "/" + sent.getAttemptId() + ".json");
      assertThat(finished.data().at("/replay/sha256").asText()).isEqualTo(sha256(REPLAY));
      assertThat(finished.data().get("rated").asBoolean()).isTrue();
      ReceivedEvent started = events.await("match.started", e -> e.key().equals(id.toString()));
      Contract.assertMatches(started);
      ReceivedEvent created = events.await("match.created", e -> e.key().equals(id.toString()));
      Contract.assertMatches(created);
      assertThat(
              List.of(
                  created.data().get("sequence").asInt(),
                  started.data().get("sequence").asInt(),
                  finished.data().get("sequence").asInt()))
          .containsExactly(1, 2, 3);
    }
  }

  @Test
  void shouldNameBundleBelowObjectRootWithItsDigest() {
    try (FakeExecutor executor = FakeExecutor.at(0)) {
      // When
      awaitStatus(request(Player.fresh(), Player.fresh()), "completed");
      // Then
      Bundle requested =
          new Bundle(
              "bundles/9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08.zip",
              "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
              20480,
              "3.11",
              "linux_x86_64");
      assertThat(executor.requests().getFirst().getAgents(0).getCodeUrl())
          .startsWith("/")
          .endsWith("/" + requested.key());
      assertThat(executor.requests().getFirst().getAgents(0).getMetadataMap())
          .containsEntry("sha256", requested.sha256());
    }
  }

  @Test
  void shouldLetMatchesWaitWithoutExecutorAndBurnNoAttempt() {
    // Given
    UUID id = request(Player.fresh(), Player.fresh());
    awaitStatus(id, "pending");
    // When
    try (FakeExecutor executor = FakeExecutor.at(0)) {
      awaitStatus(id, "completed");
      // Then
      assertThat(executor.requests()).hasSize(1);
      assertThat(count("select count(*) from match_attempt where ending <> 'played'")).isZero();
    }
  }

  @Test
  void shouldGiveUpAfterThreeFaultsAndRateNobody() {
    try (FakeExecutor executor = FakeExecutor.at(0).plays(FakeExecutor::error)) {
      // When
      UUID id = request(Player.fresh(), Player.fresh());
      JsonPath match = awaitStatus(id, "failed");
      // Then
      assertThat(executor.requests()).hasSize(3);
      assertThat(executor.requests().stream().map(MatchRequest::getAttemptId).distinct())
          .hasSize(3);
      assertThat(match.getString("match.errorMessage")).isEqualTo("The runner crashed.");
      assertThat(match.getString("match.ratingStatus")).isEqualTo("none");
      ReceivedEvent failed = finished(id);
      assertThat(failed.type()).isEqualTo("org.rlarena.match.failed.v1");
      Contract.assertMatches(failed);
      assertThat(count("select count(*) from match_participant where open_rated")).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"UNAVAILABLE", "INTERNAL", "UNKNOWN", "INVALID_ARGUMENT", "CANCELLED"})
  void shouldPlayAgainAfterFaultyCall(String code) {
    // Given
    AtomicInteger calls = new AtomicInteger();
    try (FakeExecutor executor =
        FakeExecutor.at(0)
            .plays(
                request -> {
                  int call = calls.incrementAndGet();
                  if (call == 1) {
                    throw Status.Code.valueOf(code).toStatus().asException();
                  }
                  return FakeExecutor.firstWins(request);
                })) {
      // When
      UUID id = request(Player.fresh(), Player.fresh());
      awaitStatus(id, "completed");
      // Then
      assertThat(executor.requests()).hasSize(2);
      assertThat(count("select count(*) from match_attempt where ending = 'fault'")).isEqualTo(1);
      assertThat(finished(id).data().get("sequence").asInt()).isEqualTo(4);
    }
  }

  @Test
  void shouldNotCountBusyExecutorAsAttempt() {
    // Given
    AtomicInteger calls = new AtomicInteger();
    try (FakeExecutor executor =
        FakeExecutor.at(0)
            .plays(
                request -> {
                  int call = calls.incrementAndGet();
                  if (call <= 2) {
                    throw Status.RESOURCE_EXHAUSTED.asException();
                  }
                  return FakeExecutor.firstWins(request);
                })) {
      // When
      UUID id = request(Player.fresh(), Player.fresh());
      awaitStatus(id, "completed");
      // Then
      assertThat(executor.requests()).hasSize(3);
      assertThat(count("select count(*) from match_attempt where ending = 'returned'"))
          .isEqualTo(2);
      assertThat(count("select count(*) from match where faults > 0")).isZero();
    }
  }

  @Test
  void shouldPlayOnAnotherExecutorWhenOneDiesDuringMatch() {
    // Given
    FakeExecutor.Held held = new FakeExecutor.Held();
    try (FakeExecutor dying = FakeExecutor.at(0).plays(held);
        FakeExecutor other = FakeExecutor.at(1).withCapacity(2)) {
      Player first = Player.fresh();
      other.plays(held);
      UUID id = request(first, Player.fresh());
      await().atMost(LIMIT).until(() -> dying.requests().size() + other.requests().size() == 1);
      FakeExecutor playing = dying.requests().isEmpty() ? other : dying;
      FakeExecutor heir = playing == dying ? other : dying;
      heir.plays(FakeExecutor::firstWins);
      // When
      playing.close();
      // Then
      JsonPath match = awaitStatus(id, "completed");
      assertThat(match.getString("match.winnerId")).isEqualTo(first.agentId().toString());
      assertThat(heir.requests()).hasSize(1);
    } finally {
      held.release();
    }
  }

  @Test
  void shouldNeverExceedCapacity() {
    try (FakeExecutor executor = FakeExecutor.at(0).withCapacity(2)) {
      FakeExecutor.Held held = new FakeExecutor.Held();
      executor.plays(held);
      // When
      List<UUID> ids = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        ids.add(request(Player.fresh(), Player.fresh()));
      }
      await().atMost(LIMIT).until(() -> executor.playing() == 2);
      held.release();
      ids.forEach(id -> awaitStatus(id, "completed"));
      // Then
      assertThat(executor.mostPlaying()).isEqualTo(2);
    }
  }

  @Test
  void shouldRefuseLateResultOfAttemptThatLostItsLease() {
    // Given
    FakeExecutor.Held held = new FakeExecutor.Held();
    try (FakeExecutor executor = FakeExecutor.at(0).plays(held)) {
      UUID id = request(Player.fresh(), Player.fresh());
      await().atMost(LIMIT).until(() -> executor.requests().size() == 1);
      String givenUp = executor.requests().getFirst().getAttemptId();
      executor.plays(
          request ->
              FakeExecutor.answer(
                  request,
                  response -> {
                    response.getAgentResultsBuilder(0).setRank(2);
                    response.getAgentResultsBuilder(1).setRank(1);
                    response.setWinnerAgentId(request.getAgents(1).getAgentId());
                  }));
      // When
      sql("update match set attempt_deadline = now() - interval '1 second'");
      JsonPath match = awaitStatus(id, "completed");
      held.release();
      // Then
      String second = executor.requests().get(1).getAgents(1).getAgentId();
      assertThat(match.getString("match.winnerId")).isEqualTo(second);
      assertThat(executor.requests().get(1).getAttemptId()).isNotEqualTo(givenUp);
      await().atMost(LIMIT).until(() -> executor.playing() == 0);
      assertThat(match(id).getString("match.winnerId")).isEqualTo(second);
      assertThat(events.on("match.finished").stream().filter(e -> e.key().equals(id.toString())))
          .hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"match", "attempt", "agents", "winner", "seed", "score"})
  void shouldTreatContradictingAnswerAsFault(String wrong) {
    // Given
    AtomicInteger calls = new AtomicInteger();
    try (FakeExecutor executor =
        FakeExecutor.at(0)
            .plays(
                request -> {
                  int call = calls.incrementAndGet();
                  return FakeExecutor.answer(
                      request,
                      response -> {
                        if (call > 1) {
                          return;
                        }
                        switch (wrong) {
                          case "match" -> response.setMatchId(UUID.randomUUID().toString());
                          case "attempt" -> response.setAttemptId(UUID.randomUUID().toString());
                          case "agents" ->
                              response
                                  .getAgentResultsBuilder(0)
                                  .setAgentId(UUID.randomUUID().toString());
                          case "winner" ->
                              response.setWinnerAgentId(request.getAgents(1).getAgentId());
                          case "seed" -> response.setSeed(request.getSeed() + 1);
                          default -> response.getAgentResultsBuilder(1).setScore(Double.NaN);
                        }
                      });
                })) {
      // When
      UUID id = request(Player.fresh(), Player.fresh());
      awaitStatus(id, "completed");
      // Then
      assertThat(executor.requests()).hasSize(2);
      assertThat(count("select count(*) from match_attempt where reason = 'bad_answer'"))
          .isEqualTo(1);
    }
  }

  @Test
  void shouldNotTakeResultWhoseReplayIsNotTheRecordedOne() {
    try (FakeExecutor executor =
        FakeExecutor.at(0)
            .plays(
                request -> {
                  put(request.getReplayUploadUrl(), REPLAY);
                  return FakeExecutor.answer(
                      request, response -> response.setReplaySha256(sha256("something else")));
                })) {
      // When
      UUID id = request(Player.fresh(), Player.fresh());
      JsonPath match = awaitStatus(id, "failed");
      // Then
      assertThat(match.getString("match.errorReason")).isEqualTo("replay_damaged");
      assertThat(executor.requests()).hasSize(3);
    }
  }

  @Test
  void shouldUnderstandExecutorOfReferenceSystem() {
    try (FakeExecutor executor =
        FakeExecutor.at(0)
            .ofTheReference()
            .plays(
                request ->
                    FakeExecutor.answer(
                        request,
                        response -> {
                          response
                              .clearAttemptId()
                              .clearSeed()
                              .clearEnvironmentVersion()
                              .setReplayUrl("replays/" + request.getMatchId() + ".json");
                          response.getAgentResultsBuilder(0).clearRank();
                          response.getAgentResultsBuilder(1).clearRank();
                        }))) {
      // When
      Player first = Player.fresh();
      UUID id = request(first, Player.fresh());
      JsonPath match = awaitStatus(id, "completed");
      // Then
      assertThat(executor.requests()).hasSize(1);
      assertThat(match.getString("match.winnerId")).isEqualTo(first.agentId().toString());
      assertThat(match.getList("match.participants.rank")).containsExactly(1, 2);
      assertThat(match.getMap("match")).doesNotContainKeys("seed", "replayUrl");
      Contract.assertMatches(finished(id));
    }
  }

  @Test
  void shouldRateNobodyWhenBothSidesFailedAtOnce() {
    try (FakeExecutor executor =
        FakeExecutor.at(0)
            .plays(
                request ->
                    FakeExecutor.answer(
                        request,
                        response -> {
                          response.setNoContest(true).clearWinnerAgentId();
                          response
                              .getAgentResultsBuilder(0)
                              .clearRank()
                              .setVerdict(Verdict.LOAD_ERROR);
                          response
                              .getAgentResultsBuilder(1)
                              .clearRank()
                              .setVerdict(Verdict.LOAD_ERROR);
                        }))) {
      // When
      UUID id = request(Player.fresh(), Player.fresh());
      JsonPath match = awaitStatus(id, "completed");
      // Then
      assertThat(executor.requests()).hasSize(1);
      assertThat(match.getString("match.outcome")).isEqualTo("no_contest");
      assertThat(match.getString("match.ratingStatus")).isEqualTo("none");
      assertThat(match.getList("match.participants.verdict"))
          .containsExactly("load_error", "load_error");
      ReceivedEvent finished = finished(id);
      Contract.assertMatches(finished);
      assertThat(finished.data().get("rated").asBoolean()).isFalse();
    }
  }

  @Test
  void shouldLearnThatItsMatchIsAnothersAlsoWhenItHasToWaitForThat() throws Exception {
    // Given
    FakeExecutor.Held held = new FakeExecutor.Held();
    Logger dispatcherLog = Logger.getLogger(Dispatcher.class.getName());
    Complaints complaints = new Complaints();
    try (FakeExecutor executor = FakeExecutor.at(0).withCapacity(2).plays(held);
        Connection other = dataSource.getConnection();
        Statement statement = other.createStatement()) {
      UUID lost = request(Player.fresh(), Player.fresh());
      UUID kept = request(Player.fresh(), Player.fresh());
      await().atMost(LIMIT).until(() -> executor.requests().size() == 2);
      double before = refusedAttempts();
      dispatcherLog.addHandler(complaints);
      // When
      statement.execute(
          "update match set attempt_id = gen_random_uuid(), lease_until = now() + interval '1 hour'"
              + " where id = '%s'".formatted(lost));
      other.setAutoCommit(false);
      statement.execute("select 1 from match where id = '%s' for update".formatted(lost));
      await().atMost(LIMIT).until(() -> count(WAITING) > 0);
      for (int round = 0; round < 2; round++) {
        long renewed = leaseOf(kept);
        await().atMost(LIMIT).until(() -> leaseOf(kept) > renewed);
      }
      other.rollback();
      other.setAutoCommit(true);
      // Then
      await().atMost(LIMIT).until(() -> refusedAttempts() == before + 1);
      assertThat(complaints.messages).isEmpty();
    } finally {
      dispatcherLog.removeHandler(complaints);
      held.release();
    }
  }

  /** What is logged as a warning or worse. */
  private static final class Complaints extends Handler {

    private final List<String> messages = new CopyOnWriteArrayList<>();

    @Override
    public void publish(LogRecord record) {
      if (record.getLevel().intValue() >= Level.WARNING.intValue()) {
        messages.add(record.getMessage());
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  private double refusedAttempts() {
    return metrics.counter("arena.match.attempts", "ending", "refused").count();
  }

  private long leaseOf(UUID match) {
    return count(
        "select cast(extract(epoch from lease_until) * 1000 as bigint) from match where id = '%s'"
            .formatted(match));
  }

  @Test
  void shouldCallOffMatchOnExecutorWhenItsAttemptIsOver() {
    // Given
    FakeExecutor.Held held = new FakeExecutor.Held();
    try (FakeExecutor executor = FakeExecutor.at(0).plays(held)) {
      UUID id = request(Player.fresh(), Player.fresh());
      await().atMost(LIMIT).until(() -> executor.requests().size() == 1);
      executor.plays(FakeExecutor::firstWins);
      // When
      sql("update match set attempt_deadline = now() - interval '1 second'");
      // Then
      await().atMost(LIMIT).until(() -> executor.calledOff() >= 1);
      awaitStatus(id, "completed");
    } finally {
      held.release();
    }
  }

  @Test
  void shouldTakeVersionOutOfPlayThatExecutorsKeepFailingOn() {
    // Given
    Player culprit = Player.fresh();
    try (FakeExecutor executor =
        FakeExecutor.at(0)
            .plays(
                request ->
                    request.getAgentsList().stream()
                            .anyMatch(a -> a.getAgentId().equals(culprit.agentId().toString()))
                        ? FakeExecutor.error(request)
                        : FakeExecutor.firstWins(request))) {
      UUID first = request(culprit, Player.fresh());
      awaitStatus(first, "failed");
      for (int i = 0; i < 3; i++) {
        awaitStatus(request(Player.fresh(), Player.fresh()), "completed");
      }
      // When
      UUID second = request(culprit, Player.fresh());
      JsonPath match = awaitStatus(second, "failed");
      int played = executor.requests().size();
      JsonPath third = awaitStatus(request(Player.fresh(), culprit), "failed");
      // Then
      assertThat(match.getString("match.errorReason")).isEqualTo("submission_unplayable");
      assertThat(match.getString("match.errorMessage")).contains(culprit.name());
      assertThat(third.getString("match.errorReason")).isEqualTo("submission_unplayable");
      assertThat(executor.requests()).hasSize(played);
      assertThat(count("select count(*) from unplayable_submission")).isEqualTo(1);
      assertThat(finished(second).data().get("unplayableSubmissionIds"))
          .extracting(JsonNode::asText)
          .containsExactly(culprit.submissionId().toString());
    }
  }

  @Test
  void shouldCancelWaitingMatchAfterItsTimeLimit() {
    // Given
    UUID id = request(Player.fresh(), Player.fresh());
    awaitStatus(id, "pending");
    // When
    sql("update match set created_at = created_at - interval '25 hours'");
    // Then
    assertThat(awaitStatus(id, "cancelled").getString("match.errorReason"))
        .isEqualTo("waited_too_long");
    assertThat(finished(id).type()).isEqualTo("org.rlarena.match.cancelled.v1");
  }

  @Test
  void shouldGiveUpMatchThatKeepsLosingItsWorkers() {
    // Given: a worker of another replica that has died, twice
    UUID id = request(Player.fresh(), Player.fresh());
    awaitStatus(id, "pending");
    for (int i = 0; i < 2; i++) {
      sql(
          "update match set state = 'running', attempt_id = gen_random_uuid(), lease_owner = 'dead',"
              + " place = 'gone:1', lease_until = now() - interval '1 second',"
              + " attempt_deadline = now() + interval '1 hour', started_at = now()"
              + " where state = 'pending'");
      // When
      awaitStatus(id, i == 0 ? "pending" : "failed");
    }
    // Then
    assertThat(match(id).getString("match.errorReason")).isEqualTo("worker_lost");
    Contract.assertMatches(finished(id));
  }

  private ReceivedEvent finished(UUID matchId) {
    return events.await("match.finished", e -> e.key().equals(matchId.toString()));
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
