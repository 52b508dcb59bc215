package org.rlarena.gateway.limits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

@EnabledIf(
    value = "org.rlarena.gateway.limits.RedisServer#isInstalled",
    disabledReason = "redis-server is not installed")
class RedisBucketsIT {

  private static final Rule RULE = new Rule("test", 3, Duration.ofHours(1));

  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger ownCount = new AtomicInteger();
  private final MemoryBuckets memory = new MemoryBuckets();
  private RedisServer redis = RedisServer.onFreePort();

  @AfterEach
  void stop() {
    redis.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private RedisBuckets replica() {
    return new RedisBuckets(
        vertx,
        URI.create("redis://127.0.0.1:" + redis.port),
        (rule, key) -> {
          ownCount.incrementAndGet();
          return memory.take(rule, key);
        });
  }

  private static Verdict take(Buckets buckets, Rule rule, String key) {
    return buckets.take(rule, key).toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void shouldShareBucketsBetweenReplicas() {
    RedisBuckets one = replica();
    RedisBuckets other = replica();
    assertThat(take(one, RULE, "x").remaining()).isEqualTo(2);
    assertThat(take(other, RULE, "x").remaining()).isEqualTo(1);
    assertThat(take(one, RULE, "x").remaining()).isZero();

    Verdict refused = take(other, RULE, "x");

    assertThat(refused.passes()).isFalse();
    assertThat(refused.remaining()).isZero();
    assertThat(refused.retrySeconds()).isBetween(1100, 1200);
    assertThat(refused.resetSeconds()).isBetween(3500, 3600);
    assertThat(take(one, RULE, "y").passes()).isTrue();
    assertThat(take(one, new Rule("other", 3, Duration.ofHours(1)), "x").passes()).isTrue();
    assertThat(ownCount).hasValue(0);
  }

  @Test
  void shouldFillUpAgain() {
    Rule quick = new Rule("quick", 2, Duration.ofMillis(200));
    RedisBuckets buckets = replica();
    while (take(buckets, quick, "x").passes()) {
      // empties it
    }

    await().untilAsserted(() -> assertThat(take(buckets, quick, "x").passes()).isTrue());
    assertThat(ownCount).hasValue(0);
  }

  @Test
  void shouldLetOnlySoManyPassAtOnce() {
    RedisBuckets one = replica();
    RedisBuckets other = replica();
    List<Verdict> verdicts = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      verdicts.add(take(i % 2 == 0 ? one : other, RULE, "x"));
    }

    assertThat(verdicts.stream().filter(Verdict::passes)).hasSize(3);
  }

  @Test
  void shouldCountForItselfWhileRedisIsAway() {
    RedisBuckets buckets = replica();
    take(buckets, RULE, "x");
    int port = redis.port;
    redis.close();

    assertThat(take(buckets, RULE, "x").remaining()).isEqualTo(2);
    assertThat(ownCount).hasValue(1);

    redis = new RedisServer(port);
    await()
        .atMost(30, TimeUnit.SECONDS)
        .untilAsserted(
            () -> {
              int before = ownCount.get();
              take(buckets, RULE, "z");
              assertThat(ownCount).hasValue(before);
            });
  }
}
