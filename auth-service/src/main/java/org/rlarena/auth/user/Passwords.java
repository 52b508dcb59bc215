package org.rlarena.auth.user;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Supplier;
import org.rlarena.auth.AuthConfig;

/**
 * Hashes and checks passwords with {@link Argon2id}. That is dear on purpose, so only a few run at
 * once and who would wait too long, or in too large a crowd, is told to come back.
 */
@ApplicationScoped
class Passwords {

  private final Turns turns;
  private final Timer hashing;

  /** Compared when there is no account, so that an answer takes as long as with one. */
  private final String nobodysHash;

  Passwords(AuthConfig config, MeterRegistry metrics) {
    this.hashing =
        Timer.builder("arena_auth_password_hash")
            .description("Passwords hashed or checked, without the wait for a turn")
            .register(metrics);
    int half = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    this.turns =
        new Turns(config.hashesAtOnce().orElse(half), config.hashesWaiting(), config.hashWait());
    this.nobodysHash = Argon2id.hash("nobody");
  }

  /**
   * Turns away whoever would find no turn, before anything is read or written for them: a flood is
   * to cost little more than its hashes.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code busy}
   */
  void refuseCrowd() {
    turns.requirePlace();
  }

  String hash(String password) {
    return inTurn(() -> Argon2id.hash(password));
  }

  boolean matches(String password, String hash) {
    return inTurn(() -> Argon2id.matches(password, hash));
  }

  /** Takes as long as {@link #matches} and is always false. */
  boolean matchesNobody(String password) {
    matches(password, nobodysHash);
    return false;
  }

  private <T> T inTurn(Supplier<T> work) {
    return turns.take(() -> hashing.record(work));
  }
}
