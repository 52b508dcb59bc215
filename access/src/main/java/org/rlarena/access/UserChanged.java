package org.rlarena.access;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/** What this library reads of {@code user.changed.v1}. */
record UserChanged(
    UUID userId,
    long sequence,
    String status,
    Instant tokensValidFrom,
    List<LoggedOut> loggedOutTokens) {

  UserChanged {
    Objects.requireNonNull(userId, "userId");
    Objects.requireNonNull(status, "status");
    Objects.requireNonNull(tokensValidFrom, "tokensValidFrom");
    loggedOutTokens = loggedOutTokens == null ? List.of() : List.copyOf(loggedOutTokens);
  }

  record LoggedOut(String jti, Instant expiresAt) {
    LoggedOut {
      Objects.requireNonNull(jti, "jti");
      Objects.requireNonNull(expiresAt, "expiresAt");
    }
  }

  /** What this library reads of {@code user.deleted.v1}. */
  record UserDeleted(UUID userId, long sequence) {
    UserDeleted {
      Objects.requireNonNull(userId, "userId");
    }
  }
}
