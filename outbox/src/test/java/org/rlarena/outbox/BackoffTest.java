package org.rlarena.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class BackoffTest {

  private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

  private final Backoff backoff = new Backoff();

  @Test
  void shouldDoubleThePauseUpToFiveSeconds() {
    backoff.failed("a", NOW);
    assertThat(backoff.blocked(NOW.plusMillis(199))).containsExactly("a");
    assertThat(backoff.blocked(NOW.plusMillis(200))).isEmpty();

    backoff.failed("a", NOW);
    assertThat(backoff.blocked(NOW.plusMillis(399))).containsExactly("a");
    assertThat(backoff.blocked(NOW.plusMillis(400))).isEmpty();

    for (int i = 0; i < 20; i++) {
      backoff.failed("a", NOW);
    }
    assertThat(backoff.blocked(NOW.plusMillis(4999))).containsExactly("a");
    assertThat(backoff.blocked(NOW.plusMillis(5000))).isEmpty();
  }

  @Test
  void shouldStartAnewAfterASuccess() {
    assertThat(backoff.failed("a", NOW)).isTrue();
    assertThat(backoff.failed("a", NOW)).isFalse();

    backoff.succeeded("a");

    assertThat(backoff.blocked(NOW)).isEmpty();
    assertThat(backoff.failed("a", NOW)).isTrue();
    assertThat(backoff.blocked(NOW.plusMillis(200))).isEmpty();
  }
}
