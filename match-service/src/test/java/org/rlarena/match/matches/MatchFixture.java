package org.rlarena.match.matches;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.match.directory.Bundle;
import org.rlarena.match.matches.MatchResult.Game;
import org.rlarena.match.matches.MatchResult.SeatResult;

/** Matches and what belongs to them, for tests. */
public final class MatchFixture {

  public static final Instant NOON = Instant.parse("2026-11-23T12:00:00Z");
  public static final UUID FIRST = UUID.fromString("00000000-0000-4000-8000-000000000001");
  public static final UUID SECOND = UUID.fromString("00000000-0000-4000-8000-000000000002");

  private MatchFixture() {}

  public static NewMatch ratedRequest() {
    return new NewMatch(
        UUID.randomUUID(),
        MatchKind.LADDER,
        true,
        "pong",
        "0.1.2",
        4711,
        "close_rating",
        null,
        List.of(seat(FIRST), seat(SECOND)));
  }

  public static Match waitingMatch() {
    return Match.waiting(ratedRequest(), NOON);
  }

  public static Lease lease(UUID attemptId, Instant from) {
    return new Lease(
        attemptId, "owner", "localhost:50051", from.plusSeconds(15), from.plusSeconds(330));
  }

  public static MatchResult firstWins() {
    return result(new Game(Outcome.WIN, FIRST, "0.1.2", 4711L, 628, 900), 1, 2);
  }

  public static MatchResult noContest() {
    return result(new Game(Outcome.NO_CONTEST, null, "0.1.2", 4711L, 0, 10), 0, 0);
  }

  private static MatchResult result(Game game, int firstRank, int secondRank) {
    return new MatchResult(
        game,
        List.of(
            new SeatResult(FIRST, 7, firstRank, "none"),
            new SeatResult(SECOND, -7, secondRank, "none")),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static Seat seat(UUID agentId) {
    return new Seat(
        agentId,
        "agent",
        UUID.randomUUID(),
        UUID.randomUUID(),
        1,
        new Bundle("bundles/a.zip", "9f".repeat(32), 1, "3.11", "linux_x86_64"),
        null);
  }
}
