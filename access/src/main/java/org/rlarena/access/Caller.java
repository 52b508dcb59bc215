package org.rlarena.access;

import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.UnauthorizedException;
import io.quarkus.security.identity.CurrentIdentityAssociation;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.enterprise.context.RequestScoped;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.jwt.JsonWebToken;

/** Who makes the current request. */
@RequestScoped
public class Caller {

  private static final Set<String> USER_TYPES = Set.of(TokenVerifier.ACCESS, TokenVerifier.API);

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

  /**
   * The calling user of a public endpoint; empty without a valid user token, or with a program's
   * that may not read.
   */
  public Optional<UUID> optionalUserId() {
    try {
      SecurityIdentity identity = identity();
      return user(identity).filter(user -> mayRead(identity));
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
            && USER_TYPES.contains(token.<String>claim(TokenVerifier.TYPE).orElse(""))
        ? Optional.of(UUID.fromString(token.getSubject()))
        : Optional.empty();
  }

  private static boolean mayRead(SecurityIdentity identity) {
    JsonWebToken token = token(identity);
    return !TokenVerifier.API.equals(token.getClaim(TokenVerifier.TYPE))
        || TokenVerifier.scopes(token).contains(TokenScope.READ);
  }
}
