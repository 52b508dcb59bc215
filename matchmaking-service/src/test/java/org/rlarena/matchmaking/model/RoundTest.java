package org.rlarena.matchmaking.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RoundTest {

  private static final PairingSettings SETTINGS =
      new PairingSettings(
          100,
          Duration.ofSeconds(5),
          500,
          Duration.ofSeconds(60),
          100,
          Duration.ofMinutes(5),
          30,
          false);
  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  @Test
  void shouldChooseTheNearestForTheLongestWaiting() {
    // Given
    Candidate first = waiting(1200, 3);
    Candidate near = waiting(1210, 1);
    Candidate far = waiting(1260, 2);

    // When
    List<Pair> pairs = Round.pair(SETTINGS, List.of(near, far, first), NOW);

    // Then
    assertThat(pairs).containsExactly(new Pair(first, near, PairingReason.CLOSE_RATING));
  }

  @Test
  void shouldWidenBothWindowsWithWaiting() {
    // Given: 250 apart needs windows of 300, which both have after 10 s
    Candidate one = waiting(1200, 10);
    Candidate late = waiting(1450, 9);
    Candidate there = waiting(1450, 10);

    // Then
    assertThat(Round.pair(SETTINGS, List.of(one, late), NOW)).isEmpty();
    assertThat(Round.pair(SETTINGS, List.of(one, there), NOW))
        .extracting(Pair::reason)
        .containsExactly(PairingReason.WIDENED_WINDOW);
  }

  @Test
  void shouldGiveAnyoneToWhoWaitedAMinute() {
    // Given
    Candidate patient = waiting(2400, 60);
    Candidate newcomer = waiting(1200, 0);
    Candidate nearer = waiting(1300, 0);

    // When
    List<Pair> pairs = Round.pair(SETTINGS, List.of(newcomer, patient, nearer), NOW);

    // Then
    assertThat(pairs).containsExactly(new Pair(patient, nearer, PairingReason.WAITED_LONG));
  }

  @Test
  void shouldNotRepeatAMatchWhileAnotherOpponentWaits() {
    // Given: the two just met; the third is not in reach yet
    UUID one = UUID.randomUUID();
    UUID two = UUID.randomUUID();
    Candidate first = met(one, 1200, 1, two);
    Candidate second = met(two, 1200, 1, one);
    Candidate third = waiting(1350, 2);

    // Then
    assertThat(Round.pair(SETTINGS, List.of(first, second, third), NOW)).isEmpty();
    assertThat(Round.pair(SETTINGS, List.of(first, second), NOW)).hasSize(1);
  }

  @Test
  void shouldRepeatAMatchInTheSameRoundOnceTheOthersArePaired() {
    // Given
    UUID one = UUID.randomUUID();
    UUID two = UUID.randomUUID();
    Candidate first = met(one, 1200, 9, two);
    Candidate second = met(two, 1200, 9, one);
    Candidate third = waiting(2000, 1);
    Candidate fourth = waiting(2000, 1);

    // When
    List<Pair> pairs = Round.pair(SETTINGS, List.of(first, second, third, fourth), NOW);

    // Then
    assertThat(pairs).hasSize(2);
  }

  @Test
  void shouldPreferAFreshOpponentToANearerOne() {
    // Given
    UUID one = UUID.randomUUID();
    Candidate last = waiting(1200, 0);
    Candidate chooser = met(one, 1200, 4, last.agentId());
    Candidate fresh = waiting(1280, 0);

    // When
    List<Pair> pairs = Round.pair(SETTINGS, List.of(last, chooser, fresh), NOW);

    // Then
    assertThat(pairs).extracting(Pair::other).containsExactly(fresh);
  }

  @Test
  void shouldPairAgentsOfOneOwnerOnlyWhenAllowed() {
    // Given
    UUID owner = UUID.randomUUID();
    var one = new Candidate(UUID.randomUUID(), owner, 1200, NOW.minusSeconds(90), PlayRecord.EMPTY);
    var two = new Candidate(UUID.randomUUID(), owner, 1200, NOW.minusSeconds(90), PlayRecord.EMPTY);
    var allowing =
        new PairingSettings(
            100,
            Duration.ofSeconds(5),
            500,
            Duration.ofSeconds(60),
            100,
            Duration.ofMinutes(5),
            30,
            true);

    // Then
    assertThat(Round.pair(SETTINGS, List.of(one, two), NOW)).isEmpty();
    assertThat(Round.pair(allowing, List.of(one, two), NOW)).hasSize(1);
  }

  @Test
  void shouldSwapSeatsFromGameToGameOfAPair() {
    // Given
    Candidate one = waiting(1200, 0);
    Candidate two = waiting(1200, 0);
    var pair = new Pair(one, two, PairingReason.CLOSE_RATING);

    // Then
    assertThat(Seating.seats(pair, Optional.of(one.agentId()), true)).containsExactly(two, one);
    assertThat(Seating.seats(pair, Optional.of(two.agentId()), false)).containsExactly(one, two);
  }

  @Test
  void shouldSeatStrangersSoThatSeatsEvenOut() {
    // Given
    Candidate oftenFirst = withSurplus(3);
    Candidate oftenSecond = withSurplus(-2);
    var pair = new Pair(oftenFirst, oftenSecond, PairingReason.CLOSE_RATING);
    var equals = new Pair(oftenFirst, withSurplus(3), PairingReason.CLOSE_RATING);

    // Then
    assertThat(Seating.seats(pair, Optional.empty(), true))
        .containsExactly(oftenSecond, oftenFirst);
    assertThat(Seating.seats(equals, Optional.empty(), true).getFirst()).isSameAs(oftenFirst);
    assertThat(Seating.seats(equals, Optional.empty(), false).getLast()).isSameAs(oftenFirst);
  }

  private static Candidate waiting(int rating, int seconds) {
    return new Candidate(
        UUID.randomUUID(), UUID.randomUUID(), rating, NOW.minusSeconds(seconds), PlayRecord.EMPTY);
  }

  private static Candidate met(UUID id, int rating, int seconds, UUID lastOpponent) {
    return new Candidate(
        id,
        UUID.randomUUID(),
        rating,
        NOW.minusSeconds(seconds),
        new PlayRecord(Optional.of(NOW.minusSeconds(seconds)), 1, 1, Optional.of(lastOpponent), 0));
  }

  private static Candidate withSurplus(int surplus) {
    return new Candidate(
        UUID.randomUUID(),
        UUID.randomUUID(),
        1200,
        NOW,
        new PlayRecord(Optional.empty(), 0, 0, Optional.empty(), surplus));
  }
}
