package org.rlarena.auth.token;

import java.util.UUID;

/**
 * Whom a token is for.
 *
 * @param role {@code user} or {@code admin}
 */
public record Holder(UUID id, String username, String email, String role) {

  @Override
  public String toString() {
    return "Holder[id=" + id + "]";
  }
}
