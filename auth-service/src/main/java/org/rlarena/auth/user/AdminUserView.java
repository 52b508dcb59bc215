package org.rlarena.auth.user;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;

/**
 * An account as administrators see it.
 *
 * @param role {@code user} or {@code admin}
 * @param status {@code active} or {@code banned}
 * @param tokensValidFrom tokens issued before are refused, UTC
 */
@RegisterForReflection
public record AdminUserView(
    UUID id,
    String username,
    String email,
    String role,
    String status,
    Instant tokensValidFrom,
    Instant createdAt,
    Instant updatedAt) {

  static AdminUserView of(User user) {
    return new AdminUserView(
        user.id(),
        user.username(),
        user.email(),
        user.role(),
        user.status().name().toLowerCase(Locale.ROOT),
        user.tokensValidFrom(),
        user.createdAt(),
        user.updatedAt());
  }

  /** Part of a list; {@code total} is the length of the whole. */
  @RegisterForReflection
  public record Found(List<AdminUserView> users, long total, int page, int pageSize) {}
}
