package org.rlarena.auth.session;

import java.time.Instant;
import java.util.Optional;
import org.rlarena.auth.token.Issued;

/**
 * What a log-in or a refresh brings.
 *
 * @param access the token to show to services
 * @param refresh the way to the next one; empty when the session is not renewable
 */
public record Grant(Issued access, Optional<RefreshToken> refresh) {

  /**
   * A refresh token as its client keeps it.
   *
   * @param expiresAt when it can no longer be used
   */
  public record RefreshToken(String secret, Instant expiresAt) {

    @Override
    public String toString() {
      return "RefreshToken[expiresAt=" + expiresAt + "]";
    }
  }
}
