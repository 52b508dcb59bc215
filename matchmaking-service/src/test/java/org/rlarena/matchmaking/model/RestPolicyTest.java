package org.rlarena.matchmaking.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestPolicyTest {

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

  @ParameterizedTest(name = "ended {0} s ago, {1} today, {2} games of the version -> {3}")
  @CsvSource({
    "  0,   0,   0, 2026-11-23T12:00:00Z",
    "  0,   0,  29, 2026-11-23T12:00:00Z",
    "  0,   0,  30, 2026-11-23T12:05:00Z",
    "100,   0,  30, 2026-11-23T12:03:20Z",
    "300,   0,  30, 2026-11-23T12:00:00Z",
    "300,  99,  30, 2026-11-23T12:00:00Z",
    "300, 100,  30, 2026-11-24T00:00:00Z",
    "  0, 100,   0, 2026-11-24T00:00:00Z",
  })
  void shouldSayFromWhenOnAnAgentMayPlay(int ended, int today, int games, Instant ready) {
    var past =
        new PlayRecord(Optional.of(NOW.minusSeconds(ended)), today, games, Optional.empty(), 0);

    assertThat(RestPolicy.earliest(past, SETTINGS, NOW)).isEqualTo(ready);
  }

  @ParameterizedTest(name = "ended {0} s ago, {1} today, {2} games of the version -> {3}")
  @CsvSource({
    "  0,   0,  29,",
    "  0,   0,  30, 2026-11-23T12:05:00Z",
    "300,   0,  30,",
    "  0, 100,  30, 2026-11-23T12:05:00Z",
    "300, 100,  30,",
  })
  void shouldTellTheRestAfterAMatchFromTheLimitOfTheDay(
      int ended, int today, int games, Instant until) {
    var past =
        new PlayRecord(Optional.of(NOW.minusSeconds(ended)), today, games, Optional.empty(), 0);

    assertThat(RestPolicy.cooldownUntil(past, SETTINGS, NOW)).isEqualTo(Optional.ofNullable(until));
  }

  @Test
  void shouldLetANewAgentPlayAtOnce() {
    assertThat(RestPolicy.earliest(PlayRecord.EMPTY, SETTINGS, NOW)).isEqualTo(NOW);
  }

  @ParameterizedTest
  @CsvSource({
    " -1,         100,  0",
    "  0,         100,  5",
    "  4,         100,  5",
    "  5,         200, 10",
    " 19,         400, 20",
    " 20,         500, 60",
    " 59,         500, 60",
    " 60,  2147483647, -1",
    "999,  2147483647, -1"
  })
  void shouldWidenTheWindow(int waited, int window, int next) {
    Instant since = NOW.minusSeconds(waited);

    assertThat(SETTINGS.window(Duration.ofSeconds(waited))).isEqualTo(window);
    assertThat(SETTINGS.nextWidening(since, NOW))
        .isEqualTo(next < 0 ? Optional.empty() : Optional.of(since.plusSeconds(next)));
  }

  @Test
  void shouldNameTheSettingThatCannotBe() {
    assertThatThrownBy(
            () ->
                new PairingSettings(
                    0,
                    Duration.ofSeconds(5),
                    500,
                    Duration.ofSeconds(60),
                    100,
                    Duration.ofMinutes(5),
                    30,
                    false))
        .hasMessage("arena.matchmaking: window-step must be positive");
  }
}
