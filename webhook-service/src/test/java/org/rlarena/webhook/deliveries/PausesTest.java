package org.rlarena.webhook.deliveries;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PausesTest {

  private static final Pauses USUAL = new Pauses(Duration.ofSeconds(5), Duration.ofHours(4));

  @Test
  void shouldGrowThreefoldUpToTheLongest() {
    assertThat(IntStream.of(1, 2, 3, 4, 8, 9, 14).mapToObj(n -> USUAL.after(n, chance(0.5))))
        .containsExactly(
            Duration.ofSeconds(5),
            Duration.ofSeconds(15),
            Duration.ofSeconds(45),
            Duration.ofSeconds(135),
            Duration.ofSeconds(10_935),
            Duration.ofHours(4),
            Duration.ofHours(4));
  }

  @Test
  void shouldBeAFifthMoreOrLessByChance() {
    assertThat(USUAL.after(1, chance(0))).isEqualTo(Duration.ofSeconds(4));
    assertThat(USUAL.after(1, chance(1))).isEqualTo(Duration.ofSeconds(6));
  }

  @Test
  void shouldTryForAboutADay() {
    Duration all =
        IntStream.range(1, 14)
            .mapToObj(n -> USUAL.after(n, chance(0.5)))
            .reduce(Duration.ZERO, Duration::plus);

    assertThat(all).isBetween(Duration.ofHours(20), Duration.ofHours(28));
  }

  private static RandomGenerator chance(double value) {
    return new RandomGenerator() {
      @Override
      public long nextLong() {
        return 0;
      }

      @Override
      public double nextDouble() {
        return value;
      }
    };
  }
}
