package org.rlarena.match.matches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlarena.match.matches.MatchFixture.NOON;
import static org.rlarena.match.matches.MatchFixture.firstWins;
import static org.rlarena.match.matches.MatchFixture.lease;
import static org.rlarena.match.matches.MatchFixture.noContest;
import static org.rlarena.match.matches.MatchFixture.waitingMatch;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class MatchTest {

  private static final Failure LOST = new Failure("executor_lost", "The executor was lost.");
  private static final Duration BACKOFF = Duration.ofSeconds(2);

  private final UUID attempt = UUID.randomUUID();
  private final Match match = waitingMatch();

  @Test
  void shouldTakeResultOfAttemptThatHoldsIt() {
    // Given
    match.start(lease(attempt, NOON), NOON);
    // When
    match.finish(attempt, firstWins(), NOON.plusSeconds(1));
    // Then
    assertThat(match.state()).isEqualTo(MatchState.COMPLETED);
    assertThat(match.isRatingExpected()).isTrue();
    assertThat(match.participants()).extracting(Participant::rank).containsExactly(1, 2);
    assertThat(match.participants()).noneMatch(Participant::isOpenRated);
    assertThat(match.lease()).isEmpty();
  }

  @Test
  void shouldExpectNoRatingWithoutContest() {
    // Given
    match.start(lease(attempt, NOON), NOON);
    // When
    match.finish(attempt, noContest(), NOON);
    // Then
    assertThat(match.isRatingExpected()).isFalse();
  }

  @Test
  void shouldRefuseResultOfAnotherAttempt() {
    match.start(lease(attempt, NOON), NOON);
    assertThatThrownBy(() -> match.finish(UUID.randomUUID(), firstWins(), NOON))
        .isInstanceOf(StaleAttempt.class);
    assertThat(match.state()).isEqualTo(MatchState.RUNNING);
  }

  @Test
  void shouldRefuseSecondResult() {
    match.start(lease(attempt, NOON), NOON);
    match.finish(attempt, firstWins(), NOON);
    assertThatThrownBy(() -> match.finish(attempt, noContest(), NOON))
        .isInstanceOf(StaleAttempt.class);
    assertThat(match.game().orElseThrow().outcome()).isEqualTo(Outcome.WIN);
  }

  @Test
  void shouldRefuseResultAboutOtherAgents() {
    match.start(lease(attempt, NOON), NOON);
    MatchResult strange =
        new MatchResult(
            firstWins().game(),
            List.of(firstWins().seats().get(1), firstWins().seats().get(0)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    assertThatIllegalArgumentException().isThrownBy(() -> match.finish(attempt, strange, NOON));
  }

  @Test
  void shouldWaitLongerAfterEachFaultAndThenGiveUp() {
    // When
    match.start(lease(attempt, NOON), NOON);
    match.fault(attempt, LOST, 3, BACKOFF, NOON);
    // Then
    assertThat(match.state()).isEqualTo(MatchState.PENDING);
    assertThat(match.notBefore()).isEqualTo(NOON.plusSeconds(2));
    assertThat(match.attempt()).isEqualTo(2);
    assertThatIllegalStateException().isThrownBy(() -> match.start(lease(attempt, NOON), NOON));

    // When
    match.start(lease(attempt, NOON), NOON.plusSeconds(2));
    match.fault(attempt, LOST, 3, BACKOFF, NOON);
    // Then
    assertThat(match.notBefore()).isEqualTo(NOON.plusSeconds(8));

    // When
    match.start(lease(attempt, NOON), NOON.plusSeconds(8));
    match.fault(attempt, LOST, 3, BACKOFF, NOON);
    // Then
    assertThat(match.state()).isEqualTo(MatchState.FAILED);
    assertThat(match.failure()).contains(LOST);
    assertThat(match.participants()).noneMatch(Participant::isOpenRated);
  }

  @Test
  void shouldCostNothingToBeGivenBack() {
    match.start(lease(attempt, NOON), NOON);
    match.giveBack(attempt, NOON);
    assertThat(match.state()).isEqualTo(MatchState.PENDING);
    assertThat(match.attempt()).isEqualTo(1);
    assertThat(match.startedAt()).isNull();
  }

  @Test
  void shouldLoseWorkerOnlyAfterItsLeaseRanOut() {
    match.start(lease(attempt, NOON), NOON);
    assertThatIllegalStateException().isThrownBy(() -> match.loseWorker(10, NOON.plusSeconds(15)));
    match.loseWorker(10, NOON.plusSeconds(16));
    assertThat(match.state()).isEqualTo(MatchState.PENDING);
    assertThat(match.faults()).isZero();
  }

  @Test
  void shouldCancelOnlyWhatWaits() {
    match.start(lease(attempt, NOON), NOON);
    assertThatIllegalStateException().isThrownBy(() -> match.cancel(Failure.AGENT_DELETED, NOON));
    match.giveBack(attempt, NOON);
    match.cancel(Failure.AGENT_DELETED, NOON);
    assertThat(match.state()).isEqualTo(MatchState.CANCELLED);
    assertThatIllegalStateException().isThrownBy(() -> match.giveUp(LOST, NOON));
  }

  @Test
  void shouldRefuseRequestsThatCannotBePlayed() {
    NewMatch sound = MatchFixture.ratedRequest();
    Seat seat = sound.seats().getFirst();
    assertThatIllegalArgumentException().isThrownBy(() -> with(sound, 4711, List.of(seat)));
    assertThatIllegalArgumentException().isThrownBy(() -> with(sound, 4711, List.of(seat, seat)));
    assertThatIllegalArgumentException().isThrownBy(() -> with(sound, 0, sound.seats()));
    assertThatIllegalArgumentException().isThrownBy(() -> with(sound, 1L << 53, sound.seats()));
  }

  private static NewMatch with(NewMatch m, long seed, List<Seat> seats) {
    return new NewMatch(
        m.id(),
        m.kind(),
        m.rated(),
        m.environmentId(),
        m.environmentVersion(),
        seed,
        null,
        null,
        seats);
  }
}
