package org.rlarena.auth.token;

import java.time.Instant;

/**
 * A signed token and what is remembered of it.
 *
 * @param issuedAt its {@code iat}, whole seconds
 * @param expiresAt its {@code exp}, whole seconds
 */
public record Issued(String token, String jti, Instant issuedAt, Instant expiresAt) {

  @Override
  public String toString() {
    return "Issued[jti=" + jti + "]";
  }
}
