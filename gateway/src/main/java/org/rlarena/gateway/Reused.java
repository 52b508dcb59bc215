package org.rlarena.gateway;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * A value that is costly to get and may be a little old. Callers that come while it is being got
 * wait for the same one. Safe for use by several threads.
 *
 * @param <T> type of the value
 */
public class Reused<T> {

  private final long lifetimeNanos;
  private final Supplier<Future<T>> source;
  private Future<T> current;
  private long since;

  /** A value of this lifetime, from a source that is asked when it has run out or failed. */
  public Reused(Duration lifetime, Supplier<Future<T>> source) {
    this.lifetimeNanos = lifetime.toNanos();
    this.source = source;
  }

  /** The value. */
  public synchronized Future<T> get() {
    boolean stale =
        current == null
            || current.failed()
            || current.isComplete() && System.nanoTime() - since > lifetimeNanos;
    if (stale) {
      since = System.nanoTime();
      current = source.get();
    }
    return current;
  }
}
