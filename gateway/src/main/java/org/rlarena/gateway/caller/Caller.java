package org.rlarena.gateway.caller;

import java.time.Instant;
import java.util.UUID;

/**
 * A user whose token was found sound. Whether it was revoked is another question: {@link
 * Revocations}.
 *
 * @param userId who
 * @param tokenId the token's {@code jti}
 * @param issuedAt the token's {@code iat}
 * @param expiresAt the token's {@code exp}
 * @param mayRead false for a program whose API token has not the scope {@code read}
 * @param token as it was sent, to ask services in the user's name
 */
public record Caller(
    UUID userId,
    String tokenId,
    Instant issuedAt,
    Instant expiresAt,
    boolean mayRead,
    String token) {

  @Override
  public String toString() {
    return "Caller[userId=" + userId + "]";
  }
}
