package org.rlarena.build;

import java.time.Duration;

/**
 * Lets a running build be stopped from outside and keeps its overall deadline. Long steps call
 * {@link #check()} several times a second. Thread-safe.
 */
public final class RunControl {

  private final Duration limit;
  private final long startedAt = System.nanoTime();
  private volatile boolean stopped;
  private boolean woken;

  /**
   * @param limit longest time the run may take, from now on
   */
  public RunControl(Duration limit) {
    this.limit = limit;
  }

  /**
   * Makes every later {@link #check()} throw; called when the lease is lost or the service stops.
   */
  public synchronized void stop() {
    stopped = true;
    notifyAll();
  }

  /** Ends a {@link #pause}, or the next one if there is none: what it waits for may have come. */
  public synchronized void wake() {
    woken = true;
    notifyAll();
  }

  public boolean isStopped() {
    return stopped;
  }

  /**
   * @throws RunStopped if the run was stopped
   * @throws BuildFailed with {@code timeout} if the deadline has passed
   */
  public void check() {
    if (stopped) {
      throw new RunStopped();
    }
    if (remaining().isNegative()) {
      throw new BuildFailed(
          FailureReason.TIMEOUT,
          "The build took longer than "
              + spoken(limit)
              + ". Ask for fewer or smaller packages and upload again.");
    }
  }

  /** Waits, unless the run is stopped or woken meanwhile; throws as {@link #check()} does. */
  public void pause(Duration time) {
    check();
    try {
      synchronized (this) {
        if (!stopped && !woken) {
          wait(Math.max(1, time.toMillis()));
        }
        woken = false;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunStopped();
    }
    check();
  }

  /** Time left until the deadline; negative once it has passed. */
  public Duration remaining() {
    return limit.minusNanos(System.nanoTime() - startedAt);
  }

  private static String spoken(Duration limit) {
    return limit.toMinutes() > 0 ? limit.toMinutes() + " min" : limit.toSeconds() + " s";
  }
}
