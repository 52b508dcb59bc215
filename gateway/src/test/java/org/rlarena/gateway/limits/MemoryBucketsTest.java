package org.rlarena.gateway.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class MemoryBucketsTest {

  private final MemoryBuckets buckets = new MemoryBuckets();

  @Test
  void shouldCountKeysAndRulesApart() {
    Rule rule = new Rule("a", 2, Duration.ofHours(1));
    assertThat(buckets.take(rule, "x").result().remaining()).isEqualTo(1);
    assertThat(buckets.take(rule, "x").result().remaining()).isZero();

    Verdict refused = buckets.take(rule, "x").result();

    assertThat(refused.passes()).isFalse();
    assertThat(refused.retrySeconds()).isBetween(1700, 1800);
    assertThat(refused.resetSeconds()).isBetween(3500, 3600);
    assertThat(buckets.take(rule, "y").result().passes()).isTrue();
    assertThat(buckets.take(new Rule("b", 2, Duration.ofHours(1)), "x").result().passes()).isTrue();
  }

  @Test
  void shouldGrowNoFurtherThanItsBound() {
    Rule rule = new Rule("a", 2, Duration.ofHours(1));
    for (int i = 0; i <= MemoryBuckets.MOST; i++) {
      buckets.take(rule, String.valueOf(i));
    }

    assertThat(buckets.size()).isLessThanOrEqualTo(MemoryBuckets.MOST);
  }

  @Test
  void shouldForgetFullBucketsFirst() {
    Rule slow = new Rule("slow", 2, Duration.ofHours(1));
    Rule quick = new Rule("quick", 1, Duration.ofNanos(1000));
    buckets.take(slow, "x");
    for (int i = 0; i < MemoryBuckets.MOST; i++) {
      buckets.take(quick, String.valueOf(i));
    }

    assertThat(buckets.take(slow, "x").result().remaining()).isZero();
  }
}
