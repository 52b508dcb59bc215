package org.rlarena.match.play;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.executor.v1.AgentResult;
import org.rlarena.executor.v1.MatchResponse;
import org.rlarena.executor.v1.Verdict;
import org.rlarena.match.matches.Failure;
import org.rlarena.match.matches.MatchResult;
import org.rlarena.match.matches.MatchResult.SeatResult;
import org.rlarena.match.matches.Outcome;

/**
 * Reads an executor's answer and believes nothing that contradicts itself or the assignment: such
 * an answer is a fault of the platform, never an agent's loss. Executors of the reference system
 * give no ranks; then the named winner is first, and without one it is a draw.
 */
final class ResponseReader {

  private static final int MAX_MESSAGE = 500;

  private ResponseReader() {}

  static PlayOutcome read(Assignment assignment, MatchResponse response) {
    return switch (response.getStatus()) {
      case STATUS_SUCCESS -> {
        try {
          yield played(assignment, response);
        } catch (IllegalArgumentException e) {
          yield fault("bad_answer", "The executor's answer makes no sense: " + e.getMessage());
        }
      }
      case STATUS_TIMEOUT -> fault("executor_timeout", told(response, "The match took too long."));
      case STATUS_ERROR, STATUS_CANCELLED, STATUS_UNKNOWN, UNRECOGNIZED ->
          fault("executor_failed", told(response, "The executor could not play the match."));
    };
  }

  private static PlayOutcome played(Assignment assignment, MatchResponse response) {
    require(
        response.getMatchId().equals(assignment.matchId().toString()), "it is about another match");
    require(
        response.getAttemptId().isEmpty()
            || response.getAttemptId().equals(assignment.attemptId().toString()),
        "it is about another attempt");
    require(
        response.getSeed() == 0 || response.getSeed() == assignment.seed(),
        "another seed was played");
    List<AgentResult> told = response.getAgentResultsList();
    require(told.size() == assignment.players().size(), "it has another number of agents");
    for (int seat = 0; seat < told.size(); seat++) {
      String seated = assignment.players().get(seat).agentId().toString();
      require(told.get(seat).getAgentId().equals(seated), "it is about other agents");
      Verdict verdict = told.get(seat).getVerdict();
      if (verdict == Verdict.PLATFORM_FAULT || verdict == Verdict.CANCELLED) {
        return fault("executor_failed", told(response, "The executor could not play the match."));
      }
    }
    List<Integer> ranks = ranks(response);
    List<SeatResult> seats = new ArrayList<>();
    for (int seat = 0; seat < told.size(); seat++) {
      seats.add(
          new SeatResult(
              assignment.players().get(seat).agentId(),
              told.get(seat).getScore(),
              ranks.get(seat),
              verdict(told.get(seat))));
    }
    MatchResult result =
        new MatchResult(
            game(response, seats), seats, Optional.empty(), Optional.empty(), Optional.empty());
    return new PlayOutcome.Played(
        result,
        Optional.of(response.getReplaySha256()).filter(digest -> !digest.isEmpty()),
        response.getReplayUrl(),
        response.getReplayHtmlUrl());
  }

  private static MatchResult.Game game(MatchResponse response, List<SeatResult> seats) {
    List<UUID> first =
        seats.stream().filter(seat -> seat.rank() == 1).map(SeatResult::agentId).toList();
    boolean won = first.size() == 1;
    Outcome outcome =
        response.getNoContest() ? Outcome.NO_CONTEST : won ? Outcome.WIN : Outcome.DRAW;
    UUID winner = won ? first.getFirst() : null;
    require(
        response.getWinnerAgentId().equals(winner == null ? "" : winner.toString()),
        "winner and ranks disagree");
    double seconds = response.getExecutionTimeSec();
    require(seconds >= 0 && seconds < 1e6, "its duration is no time");
    return new MatchResult.Game(
        outcome,
        winner,
        response.getEnvironmentVersion().isEmpty() ? null : response.getEnvironmentVersion(),
        response.getSeed() == 0 ? null : response.getSeed(),
        Integer.toUnsignedLong(response.getTotalSteps()),
        Math.round(seconds * 1000));
  }

  private static List<Integer> ranks(MatchResponse response) {
    List<AgentResult> told = response.getAgentResultsList();
    if (response.getNoContest()) {
      return told.stream().map(agent -> 0).toList();
    }
    if (told.stream().allMatch(agent -> agent.getRank() == 0)) {
      String winner = response.getWinnerAgentId();
      return told.stream()
          .map(agent -> winner.isEmpty() || agent.getAgentId().equals(winner) ? 1 : 2)
          .toList();
    }
    List<Integer> ranks = told.stream().map(AgentResult::getRank).toList();
    for (int rank : ranks) {
      // Competition ranking: as many are better as the rank says, so the best has rank 1.
      require(
          rank >= 1 && ranks.stream().filter(r -> r < rank).count() == rank - 1, "ranks have gaps");
    }
    return ranks;
  }

  private static String verdict(AgentResult agent) {
    return agent.getVerdict() == Verdict.UNRECOGNIZED
        ? "unknown"
        : agent.getVerdict().name().toLowerCase(Locale.ROOT);
  }

  private static PlayOutcome fault(String reason, String message) {
    return new PlayOutcome.Faulty(new Failure(reason, message));
  }

  /** What the executor says may hold anything; it is shown to people and stored. */
  private static String told(MatchResponse response, String otherwise) {
    String text = response.getErrorMessage().replaceAll("\\p{Cntrl}+", " ").strip();
    if (text.isEmpty()) {
      return otherwise;
    }
    return text.length() <= MAX_MESSAGE ? text : text.substring(0, MAX_MESSAGE);
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalArgumentException(otherwise);
    }
  }
}
