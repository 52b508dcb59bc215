package org.rlarena.match.play;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlarena.executor.v1.AgentResult;
import org.rlarena.executor.v1.MatchResponse;
import org.rlarena.executor.v1.MatchStatus;
import org.rlarena.executor.v1.Verdict;
import org.rlarena.match.directory.Bundle;
import org.rlarena.match.matches.MatchResult;
import org.rlarena.match.matches.MatchResult.SeatResult;
import org.rlarena.match.matches.Outcome;
import org.rlarena.match.play.PlayOutcome.Faulty;
import org.rlarena.match.play.PlayOutcome.Played;

class ResponseReaderTest {

  private static final Assignment.Player FIRST = player();
  private static final Assignment.Player SECOND = player();
  private static final Assignment ASSIGNMENT =
      new Assignment(
          UUID.randomUUID(),
          UUID.randomUUID(),
          "localhost:50051",
          "pong",
          4711,
          Instant.parse("2026-11-23T12:00:00Z"),
          List.of(FIRST, SECOND),
          Optional.empty());

  @Test
  void shouldReadWin() {
    MatchResult result = played(response -> {});
    assertThat(result.game().outcome()).isEqualTo(Outcome.WIN);
    assertThat(result.game().winnerAgentId()).isEqualTo(FIRST.agentId());
    assertThat(result.game().durationMs()).isEqualTo(900);
    assertThat(result.seats()).extracting(SeatResult::rank).containsExactly(1, 2);
  }

  @Test
  void shouldReadForfeitOfBetterScore() {
    MatchResult result =
        played(
            response -> {
              response.getAgentResultsBuilder(0).setRank(2).setVerdict(Verdict.MOVE_TIMEOUT);
              response.getAgentResultsBuilder(1).setRank(1);
              response.setWinnerAgentId(SECOND.agentId().toString());
            });
    assertThat(result.game().winnerAgentId()).isEqualTo(SECOND.agentId());
    assertThat(result.seats().getFirst().score()).isEqualTo(7);
    assertThat(result.seats().getFirst().verdict()).isEqualTo("move_timeout");
  }

  @Test
  void shouldReadDraw() {
    MatchResult result =
        played(
            response -> {
              response.getAgentResultsBuilder(1).setRank(1);
              response.clearWinnerAgentId();
            });
    assertThat(result.game().outcome()).isEqualTo(Outcome.DRAW);
    assertThat(result.game().winnerAgentId()).isNull();
  }

  @Test
  void shouldReadAnswerWithoutRanks() {
    MatchResult result =
        played(
            response -> {
              response.clearAttemptId().clearSeed().clearEnvironmentVersion();
              response.getAgentResultsBuilder(0).clearRank();
              response.getAgentResultsBuilder(1).clearRank();
              response.clearWinnerAgentId();
            });
    assertThat(result.game().outcome()).isEqualTo(Outcome.DRAW);
    assertThat(result.game().seed()).isNull();
    assertThat(result.game().environmentVersion()).isNull();
    assertThat(result.seats()).extracting(SeatResult::rank).containsExactly(1, 1);
  }

  @Test
  void shouldReadVerdictOfNewerExecutorAsUnknown() {
    MatchResult result = played(response -> response.getAgentResultsBuilder(1).setVerdictValue(77));
    assertThat(result.seats().get(1).verdict()).isEqualTo("unknown");
  }

  static Stream<Arguments> contradictions() {
    return Stream.of(
        contradiction("another match", r -> r.setMatchId(UUID.randomUUID().toString())),
        contradiction("another attempt", r -> r.setAttemptId(UUID.randomUUID().toString())),
        contradiction("another seed", r -> r.setSeed(4712)),
        contradiction("an agent is missing", r -> r.removeAgentResults(1)),
        contradiction("agents in another order", r -> swap(r)),
        contradiction("winner is second", r -> r.setWinnerAgentId(SECOND.agentId().toString())),
        contradiction("winner is a stranger", r -> r.setWinnerAgentId("somebody")),
        contradiction("winner of no contest", r -> r.setNoContest(true)),
        contradiction("no first", r -> r.getAgentResultsBuilder(0).setRank(2)),
        contradiction("gap in ranks", r -> r.getAgentResultsBuilder(1).setRank(3)),
        contradiction("rank of one only", r -> r.getAgentResultsBuilder(1).clearRank()),
        contradiction("score is no number", r -> r.getAgentResultsBuilder(0).setScore(Double.NaN)),
        contradiction(
            "score is infinite",
            r -> r.getAgentResultsBuilder(0).setScore(Double.POSITIVE_INFINITY)),
        contradiction("negative time", r -> r.setExecutionTimeSec(-1)),
        contradiction("time is no number", r -> r.setExecutionTimeSec(Double.NaN)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("contradictions")
  void shouldBlameExecutorForContradiction(
      String name, Consumer<MatchResponse.Builder> contradiction) {
    assertThat(read(contradiction))
        .isInstanceOfSatisfying(
            Faulty.class, fault -> assertThat(fault.why().reason()).isEqualTo("bad_answer"));
  }

  @Test
  void shouldNeverBlameAgentForFaultOfPlatform() {
    assertThat(read(r -> r.getAgentResultsBuilder(1).setRank(2).setVerdict(Verdict.PLATFORM_FAULT)))
        .isInstanceOf(Faulty.class);
    for (MatchStatus status : MatchStatus.values()) {
      if (status != MatchStatus.STATUS_SUCCESS && status != MatchStatus.UNRECOGNIZED) {
        assertThat(read(r -> r.setStatus(status))).isInstanceOf(Faulty.class);
      }
    }
    assertThat(read(r -> r.setStatusValue(99))).isInstanceOf(Faulty.class);
  }

  @Test
  void shouldTameWhatExecutorSays() {
    PlayOutcome outcome =
        read(
            r ->
                r.setStatus(MatchStatus.STATUS_ERROR)
                    .setErrorMessage("a\u0000b\n\u001b[31m" + "x".repeat(10_000)));
    String message = ((Faulty) outcome).why().message();
    assertThat(message).startsWith("a b [31mxxx").hasSize(500).doesNotContain("\u0000", "\u001b");
  }

  private static Arguments contradiction(
      String name, Consumer<MatchResponse.Builder> contradiction) {
    return Arguments.of(name, contradiction);
  }

  private static void swap(MatchResponse.Builder response) {
    AgentResult first = response.getAgentResults(0);
    response.setAgentResults(0, response.getAgentResults(1)).setAgentResults(1, first);
  }

  private static MatchResult played(Consumer<MatchResponse.Builder> change) {
    PlayOutcome outcome = read(change);
    assertThat(outcome).isInstanceOf(Played.class);
    return ((Played) outcome).result();
  }

  private static PlayOutcome read(Consumer<MatchResponse.Builder> change) {
    MatchResponse.Builder response =
        MatchResponse.newBuilder()
            .setMatchId(ASSIGNMENT.matchId().toString())
            .setAttemptId(ASSIGNMENT.attemptId().toString())
            .setStatus(MatchStatus.STATUS_SUCCESS)
            .setWinnerAgentId(FIRST.agentId().toString())
            .addAgentResults(
                AgentResult.newBuilder()
                    .setAgentId(FIRST.agentId().toString())
                    .setScore(7)
                    .setRank(1))
            .addAgentResults(
                AgentResult.newBuilder()
                    .setAgentId(SECOND.agentId().toString())
                    .setScore(-7)
                    .setRank(2))
            .setTotalSteps(628)
            .setExecutionTimeSec(0.9)
            .setEnvironmentVersion("0.1.2")
            .setSeed(4711);
    change.accept(response);
    return ResponseReader.read(ASSIGNMENT, response.build());
  }

  private static Assignment.Player player() {
    return new Assignment.Player(
        UUID.randomUUID(),
        "agent",
        1,
        new Bundle("bundles/a.zip", "9f".repeat(32), 1, "3.11", "linux_x86_64"),
        Optional.empty());
  }
}
