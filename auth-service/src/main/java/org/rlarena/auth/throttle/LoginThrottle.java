package org.rlarena.auth.throttle;

import io.quarkus.narayana.jta.QuarkusTransaction;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import jakarta.persistence.Tuple;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.rlarena.auth.AuthConfig;
import org.rlarena.auth.AuthError;
import org.rlarena.auth.token.Secrets;

/**
 * Waits between wrong passwords. They grow per account and address, and per address over all
 * accounts; an account alone is never made to wait, or anybody could shut its user out. Instead,
 * while many addresses try one account, each address has one free try for it instead of several.
 *
 * <p>Names are not looked up: an account that does not exist is throttled as one that does. Names
 * and addresses are stored as hashes, since people type passwords into the wrong field. A try is
 * counted before it is judged, so that a hundred at once are not all free; one that was right, or
 * was not judged, is taken back. Replicas share the counts in the database.
 */
@ApplicationScoped
public class LoginThrottle {

  /** What is tried from here counts no more after so long a silence. */
  private static final Duration FORGOTTEN = Duration.ofMinutes(15);

  /** Over all accounts, an address is forgiven one wrong password in this time. */
  private static final Duration ADDRESS_LEAK = Duration.ofSeconds(30);

  /** Failures that count as made already, from every address, while an account is attacked. */
  private static final int PRESUMED = 4;

  private static final int LONGEST_SHIFT = 20;
  private static final int SWEEP_ONE_IN = 20;
  private static final int SWEPT_AT_ONCE = 100;

  /** Connections a flood of log-ins may hold: they queue for one address's row. */
  private final Semaphore turns = new Semaphore(2);

  private final EntityManager entities;
  private final Clock clock;
  private final AuthConfig.Throttle config;

  LoginThrottle(EntityManager entities, Clock clock, AuthConfig config) {
    this.entities = entities;
    this.clock = clock;
    this.config = config.throttle();
  }

  /**
   * Judges a password, if it may be tried now.
   *
   * @param login as it was typed
   * @param address from where
   * @param judgement true when the password is right; what it throws leaves no trace here
   * @return what the judgement says
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code too_many_attempts}, the password
   *     unseen
   */
  public boolean judge(String login, String address, BooleanSupplier judgement) {
    Keys keys = Keys.of(login, address);
    long wait = inTurn(() -> count(keys));
    if (wait > 0) {
      throw AuthError.TOO_MANY_ATTEMPTS.because(
          "Too many wrong passwords. Wait %d s before the next try.".formatted(wait), wait);
    }
    boolean right;
    try {
      right = judgement.getAsBoolean();
    } catch (RuntimeException notJudged) {
      inTurn(() -> takeBack(keys));
      throw notJudged;
    }
    if (right) {
      inTurn(() -> forgive(keys));
    }
    return right;
  }

  private <T> T inTurn(Callable<T> work) {
    turns.acquireUninterruptibly();
    try {
      return QuarkusTransaction.requiringNew().call(work);
    } finally {
      turns.release();
    }
  }

  /** Counts a try and gives the seconds it has to wait instead; 0 when it may go on. */
  private long count(Keys keys) {
    // as the database keeps it: a time rounded up would lie in the future
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    if (ThreadLocalRandom.current().nextInt(SWEEP_ONE_IN) == 0) {
      sweep(now);
    }
    // always in this order: two tries must not wait for each other
    Count account = locked(keys.account(), now);
    Count of = locked(keys.address(), now).leaked(now, ADDRESS_LEAK);
    Count pair = locked(keys.pair(), now).quiet(now, FORGOTTEN);
    Count all = account.leaked(now, Duration.ofHours(1).dividedBy(config.attack()));
    Instant free =
        pair.blockedUntil().isAfter(of.blockedUntil()) ? pair.blockedUntil() : of.blockedUntil();
    if (free.isAfter(now)) {
      return Duration.between(now, free).plusNanos(999_999_999).toSeconds();
    }
    boolean attacked = all.failures() >= config.attack();
    store(keys.account(), new Count(all.failures() + 1, now, now));
    store(keys.address(), of.failed(now, wait(of.failures() + 1 - config.freeTriesPerAddress())));
    int tries = pair.failures() + 1 + (attacked ? Math.max(PRESUMED, config.freeTries() - 1) : 0);
    store(keys.pair(), pair.failed(now, wait(tries - config.freeTries())));
    return 0;
  }

  /** The wait after so many wrong passwords more than are free, less one. */
  private Duration wait(int beyond) {
    if (beyond < 0) {
      return Duration.ZERO;
    }
    Duration doubled = Duration.ofSeconds(1L << Math.min(beyond, LONGEST_SHIFT));
    return doubled.compareTo(config.longestWait()) < 0 ? doubled : config.longestWait();
  }

  /** The password was right: this account from this address starts anew. */
  private int forgive(Keys keys) {
    takeBack(keys);
    return query("delete from login_failure where key = ?1", keys.pair()).executeUpdate();
  }

  private int takeBack(Keys keys) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
    int rows = 0;
    for (String key : new String[] {keys.account(), keys.address(), keys.pair()}) {
      rows +=
          query(
                  """
              update login_failure set failures = greatest(failures - 1, 0), blocked_until = ?2
              where key = ?1
              """,
                  key,
                  now)
              .executeUpdate();
    }
    return rows;
  }

  private Count locked(String key, Instant now) {
    Tuple row =
        (Tuple)
            entities
                .createNativeQuery(
                    """
                    insert into login_failure (key, failures, last_at, blocked_until)
                    values (?1, 0, ?2, ?2)
                    on conflict (key) do update set failures = login_failure.failures
                    returning failures, last_at, blocked_until
                    """,
                    Tuple.class)
                .setParameter(1, key)
                .setParameter(2, now)
                .getSingleResult();
    return new Count(
        row.get("failures", Integer.class),
        row.get("last_at", Instant.class),
        row.get("blocked_until", Instant.class));
  }

  private void store(String key, Count count) {
    query(
            "update login_failure set failures = ?2, last_at = ?3, blocked_until = ?4 where key = ?1",
            key,
            count.failures(),
            count.lastAt(),
            count.blockedUntil())
        .executeUpdate();
  }

  private void sweep(Instant now) {
    query(
            """
            delete from login_failure where key in (
              select key from login_failure where last_at < ?1 limit ?2 for update skip locked)
            """,
            now.minus(Duration.ofDays(1)),
            SWEPT_AT_ONCE)
        .executeUpdate();
  }

  private Query query(String sql, Object... values) {
    Query query = entities.createNativeQuery(sql);
    for (int i = 0; i < values.length; i++) {
      query.setParameter(i + 1, values[i]);
    }
    return query;
  }

  /** Where tries are counted. */
  private record Keys(String account, String address, String pair) {

    static Keys of(String login, String address) {
      String name = login.toLowerCase(Locale.ROOT);
      String from = Addresses.network(address);
      return new Keys(
          Secrets.hash("account " + name),
          Secrets.hash("address " + from),
          Secrets.hash("pair " + from + " " + name));
    }
  }

  /**
   * A count of wrong passwords.
   *
   * @param lastAt of the last one
   * @param blockedUntil before then nothing is tried
   */
  record Count(int failures, Instant lastAt, Instant blockedUntil) {

    /** One is forgiven for each such time since the last. */
    Count leaked(Instant now, Duration one) {
      long forgiven = Math.max(0, Duration.between(lastAt, now).dividedBy(one));
      return new Count((int) Math.max(0, failures - forgiven), lastAt, blockedUntil);
    }

    /** All are forgiven after so long a silence. */
    Count quiet(Instant now, Duration silence) {
      return Duration.between(lastAt, now).compareTo(silence) < 0
          ? this
          : new Count(0, lastAt, blockedUntil);
    }

    Count failed(Instant now, Duration wait) {
      return new Count(failures + 1, now, now.plus(wait));
    }
  }
}
