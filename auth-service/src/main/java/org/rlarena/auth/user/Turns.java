package org.rlarena.auth.user;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.rlarena.auth.AuthError;

/**
 * Lets a few do at once what is dear, in the order in which they came. Some more may wait for a
 * while; who comes when all places are taken, or has waited too long, is turned away. Thread-safe.
 */
final class Turns {

  private final Semaphore turns;
  private final Semaphore places;
  private final Duration longestWait;

  /**
   * @param atOnce how many do it at the same time, at least 1
   * @param waiting how many more may wait
   */
  Turns(int atOnce, int waiting, Duration longestWait) {
    this.turns = new Semaphore(atOnce, true);
    this.places = new Semaphore(atOnce + waiting);
    this.longestWait = longestWait;
  }

  /**
   * For before any work at all: who comes now would be turned away later.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code busy} when all places are taken
   */
  void requirePlace() {
    if (places.availablePermits() == 0) {
      throw busy();
    }
  }

  /**
   * Does the work when it is its turn.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code busy} when turned away
   */
  <T> T take(Supplier<T> work) {
    if (!places.tryAcquire()) {
      throw busy();
    }
    try {
      if (!turns.tryAcquire(longestWait.toMillis(), TimeUnit.MILLISECONDS)) {
        throw busy();
      }
      try {
        return work.get();
      } finally {
        turns.release();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw AuthError.BUSY.because("The service is stopping. Try again in 2 seconds.");
    } finally {
      places.release();
    }
  }

  private static RuntimeException busy() {
    return AuthError.BUSY.because("Too many people log in right now. Try again in 2 seconds.");
  }
}
