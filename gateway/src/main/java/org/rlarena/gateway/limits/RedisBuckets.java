package org.rlarena.gateway.limits;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Buckets in Redis, shared by all replicas. A bucket is one key, the time at which it will be full
 * again (the generic cell rate algorithm, which is the same as a token bucket); it expires when it
 * is. Time is Redis's own. While Redis is away each process counts for itself.
 */
class RedisBuckets implements Buckets {

  private static final Logger LOG = Logger.getLogger(RedisBuckets.class);
  private static final long TIMEOUT_MILLIS = 250;

  /** In: microseconds per request, requests. Out: passes, microseconds until the bucket is full. */
  private static final String TAKE =
      """
      local t = redis.call('TIME')
      local now = t[1] * 1000000 + t[2]
      local each = tonumber(ARGV[1])
      local most = each * tonumber(ARGV[2])
      local full = tonumber(redis.call('GET', KEYS[1]) or '0')
      if full < now then full = now end
      if full + each > now + most then
        return {0, full - now}
      end
      full = full + each
      redis.call('SET', KEYS[1], string.format('%.0f', full),
                 'PX', math.ceil((full - now) / 1000) + 1)
      return {1, full - now}
      """;

  private final Redis redis;
  private final Buckets fallback;
  private final AtomicBoolean away = new AtomicBoolean();

  RedisBuckets(Vertx vertx, URI address, Buckets fallback) {
    this.redis =
        Redis.createClient(
            vertx,
            new RedisOptions()
                .setConnectionString(address.toString())
                .setMaxPoolSize(16)
                .setMaxPoolWaiting(1024));
    this.fallback = fallback;
  }

  @Override
  public Future<Verdict> take(Rule rule, String key) {
    long each = Math.max(1, TimeUnit.NANOSECONDS.toMicros(rule.nanosPerRequest()));
    Request request =
        Request.cmd(Command.EVAL)
            .arg(TAKE)
            .arg(1)
            .arg("ratelimit:" + rule.name() + ":" + key)
            .arg(each)
            .arg(rule.requests());
    return redis
        .send(request)
        .timeout(TIMEOUT_MILLIS, TimeUnit.MILLISECONDS)
        .map(
            answer -> {
              if (away.compareAndSet(true, false)) {
                LOG.info("Redis answers again; limits are shared");
              }
              return verdict(rule, each, answer);
            })
        .recover(
            failure -> {
              if (away.compareAndSet(false, true)) {
                LOG.warnf("Redis does not answer, limits are not shared: %s", failure.getMessage());
              }
              return fallback.take(rule, key);
            });
  }

  private static Verdict verdict(Rule rule, long each, Response answer) {
    boolean passes = answer.get(0).toInteger() == 1;
    long untilFull = answer.get(1).toLong();
    long used = (untilFull + each - 1) / each;
    long untilOne = passes ? 0 : untilFull - each * (rule.requests() - 1);
    return new Verdict(
        rule,
        passes,
        Math.max(0, rule.requests() - used),
        TimeUnit.MICROSECONDS.toNanos(untilOne),
        TimeUnit.MICROSECONDS.toNanos(untilFull));
  }
}
