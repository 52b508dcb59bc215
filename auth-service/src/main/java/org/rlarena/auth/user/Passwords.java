package org.rlarena.auth.user;

import com.password4j.Argon2Function;
import com.password4j.Password;
import com.password4j.types.Argon2;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Supplier;
import org.rlarena.auth.AuthConfig;

/**
 * Hashes and checks passwords with Argon2id (RFC 9106; 19 MiB, 2 passes, 1 lane: the OWASP Password
 * Storage Cheat Sheet's first choice). Hashing is dear on purpose, so only a few run at once and
 * who would wait too long, or in too large a crowd, is told to come back.
 */
@ApplicationScoped
class Passwords {

  private static final Argon2Function ARGON2ID =
      Argon2Function.getInstance(19 * 1024, 2, 1, 32, Argon2.ID);

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
    this.nobodysHash = Password.hash("nobody").addRandomSalt(16).with(ARGON2ID).getResult();
  }

  String hash(String password) {
    return inTurn(() -> Password.hash(password).addRandomSalt(16).with(ARGON2ID).getResult());
  }

  boolean matches(String password, String hash) {
    return inTurn(() -> Password.check(password, hash).with(ARGON2ID));
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
