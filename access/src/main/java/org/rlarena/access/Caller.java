package org.rlarena.access;

import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.UnauthorizedException;
import io.quarkus.security.identity.CurrentIdentityAssociation;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.enterprise.context.RequestScoped;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.jwt.JsonWebToken;

/** Who makes the current request. */
@RequestScoped
public class Caller {

  private final CurrentIdentityAssociation identities;

  Caller(CurrentIdentityAssociation identities) {
    this.identities = identities;
  }

  /**
   * The calling user.
   *
   * @throws UnauthorizedException (401) when the request carries no valid user token
   */
  public UUID userId() {
    return user(identity()).orElseThrow(UnauthorizedException::new);
  }

  /** The calling user's name as the token has it. */
  public String username() {
    return token(identity()).<String>claim("username").orElseThrow(UnauthorizedException::new);
  }

  /** The calling user of a public endpoint; empty without a valid user token. */
  public Optional<UUID> optionalUserId() {
    try {
      return user(identity());
    } catch (AuthenticationFailedException e) {
      return Optional.empty();
    }
  }

  /** Whether the caller is an administrator. */
  public boolean isAdmin() {
    return identity().hasRole("admin");
  }

  /** Id and expiry of the presented token, for logging it out. */
  public JsonWebToken token() {
    return token(identity());
  }

  private SecurityIdentity identity() {
    return identities.getDeferredIdentity().await().indefinitely();
  }

  private static JsonWebToken token(SecurityIdentity identity) {
    if (identity.getPrincipal() instanceof JsonWebToken token) {
      return token;
    }
    throw new UnauthorizedException();
  }

  private static Optional<UUID> user(SecurityIdentity identity) {
    return identity.getPrincipal() instanceof JsonWebToken token
            && TokenVerifier.ACCESS.equals(token.getClaim(TokenVerifier.TYPE))
        ? Optional.of(UUID.fromString(token.getSubject()))
        : Optional.empty();
  }
}
