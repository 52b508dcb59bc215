package org.rlarena.gateway.limits;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.vertx.core.Future;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Buckets of this process alone. A full bucket says nothing, so full ones are swept away when there
 * are many; should all be in use, which takes as many addresses, the map is emptied rather than
 * grown.
 */
class MemoryBuckets implements Buckets {

  static final int MOST = 100_000;

  private final Map<String, Held> buckets = new ConcurrentHashMap<>();

  @Override
  public Future<Verdict> take(Rule rule, String key) {
    if (buckets.size() >= MOST) {
      sweep();
    }
    String name = rule.name() + ":" + key;
    Held held = buckets.get(name); // without the lock that the other look-up may take
    if (held == null) {
      held = buckets.computeIfAbsent(name, absent -> Held.of(rule));
    }
    ConsumptionProbe probe = held.bucket.tryConsumeAndReturnRemaining(1);
    return Future.succeededFuture(
        new Verdict(
            rule,
            probe.isConsumed(),
            probe.getRemainingTokens(),
            probe.getNanosToWaitForRefill(),
            probe.getNanosToWaitForReset()));
  }

  int size() {
    return buckets.size();
  }

  private synchronized void sweep() {
    if (buckets.size() < MOST) {
      return;
    }
    buckets.values().removeIf(held -> held.bucket.getAvailableTokens() >= held.capacity);
    if (buckets.size() > MOST / 2) {
      buckets.clear();
    }
  }

  private record Held(Bucket bucket, int capacity) {

    static Held of(Rule rule) {
      int most = rule.requests();
      return new Held(
          Bucket.builder()
              .addLimit(limit -> limit.capacity(most).refillGreedy(most, rule.period()))
              .build(),
          most);
    }
  }
}
