package org.rlarena.auth.user;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.rlarena.auth.token.IssuedTokens;
import org.rlarena.outbox.Event;

/**
 * What this service tells the others, on topic {@code user.changed}, key and subject: user. Never
 * an e-mail address.
 */
final class UserEvents {

  private static final String TOPIC = "user.changed";

  private UserEvents() {}

  static Event changed(User user, List<IssuedTokens.Ended> ended) {
    List<LoggedOut> loggedOut =
        ended.stream().map(token -> new LoggedOut(token.jti(), token.expiresAt())).toList();
    return event(
        user,
        "org.rlarena.user.changed.v1",
        new Changed(
            user.id(),
            user.sequence(),
            user.username(),
            user.status() == User.Status.BANNED ? "banned" : "active",
            user.tokensValidFrom(),
            loggedOut,
            user.updatedAt()));
  }

  static Event deleted(User user) {
    return event(
        user,
        "org.rlarena.user.deleted.v1",
        new Deleted(user.id(), user.sequence(), user.updatedAt()));
  }

  private static Event event(User user, String type, Object data) {
    String id = user.id().toString();
    return new Event(TOPIC, id, type, id, data);
  }

  @RegisterForReflection
  record Changed(
      UUID userId,
      long sequence,
      String username,
      String status,
      Instant tokensValidFrom,
      List<LoggedOut> loggedOutTokens,
      Instant changedAt) {}

  @RegisterForReflection
  record LoggedOut(String jti, Instant expiresAt) {}

  @RegisterForReflection
  record Deleted(UUID userId, long sequence, Instant deletedAt) {}
}
