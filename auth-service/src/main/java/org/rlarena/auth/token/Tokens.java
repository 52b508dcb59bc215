package org.rlarena.auth.token;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.lang.JoseException;
import org.rlarena.access.AccessConfig;
import org.rlarena.auth.AuthConfig;

/** Issues tokens: RS256, with the claims that every service's access library checks. */
@ApplicationScoped
public class Tokens {

  private final AuthConfig config;
  private final AccessConfig access;
  private final SigningKey key;
  private final Clock clock;

  Tokens(AuthConfig config, AccessConfig access, SigningKey key, Clock clock) {
    this.config = config;
    this.access = access;
    this.key = key;
    this.clock = clock;
  }

  /**
   * An access token of a session. {@code userId}, {@code username}, {@code email}: what clients
   * read.
   */
  public Issued forUser(Holder holder, Duration lifetime) {
    JwtClaims claims = claims(holder.id().toString(), access.audience(), lifetime);
    claims.setClaim("typ", "access");
    claims.setClaim("userId", holder.id().toString());
    claims.setClaim("username", holder.username());
    claims.setClaim("email", holder.email());
    claims.setStringListClaim(
        "groups", "admin".equals(holder.role()) ? List.of("user", "admin") : List.of("user"));
    return issued(claims);
  }

  /** A token with which a program acts for a user, within scopes and never as an admin. */
  public Issued forProgram(Holder holder, List<String> scopes, Duration lifetime) {
    JwtClaims claims = claims(holder.id().toString(), access.audience(), lifetime);
    claims.setClaim("typ", "api");
    claims.setClaim("userId", holder.id().toString());
    claims.setClaim("username", holder.username());
    claims.setClaim("scope", String.join(" ", scopes));
    return issued(claims);
  }

  /** A token with which a service calls one other service for one purpose. */
  String forService(String service, String audience, String scope) {
    JwtClaims claims = claims(service, audience, config.serviceTokenLifetime());
    claims.setClaim("typ", "service");
    claims.setClaim("scope", scope);
    return sign(claims);
  }

  private Issued issued(JwtClaims claims) {
    String token = sign(claims);
    try {
      return new Issued(
          token,
          claims.getJwtId(),
          Instant.ofEpochSecond(claims.getIssuedAt().getValue()),
          Instant.ofEpochSecond(claims.getExpirationTime().getValue()));
    } catch (MalformedClaimException e) {
      throw new IllegalStateException("claims set a moment ago", e);
    }
  }

  private JwtClaims claims(String subject, String audience, Duration lifetime) {
    Instant now = clock.instant();
    JwtClaims claims = new JwtClaims();
    claims.setIssuer(access.issuer());
    claims.setSubject(subject);
    claims.setAudience(audience);
    claims.setJwtId(UUID.randomUUID().toString());
    claims.setIssuedAt(NumericDate.fromSeconds(now.getEpochSecond()));
    claims.setExpirationTime(NumericDate.fromSeconds(now.plus(lifetime).getEpochSecond()));
    return claims;
  }

  private String sign(JwtClaims claims) {
    JsonWebSignature token = new JsonWebSignature();
    token.setAlgorithmHeaderValue(AlgorithmIdentifiers.RSA_USING_SHA256);
    token.setKeyIdHeaderValue(key.id());
    token.setHeader("typ", "JWT");
    token.setKey(key.privateKey());
    token.setPayload(claims.toJson());
    try {
      return token.getCompactSerialization();
    } catch (JoseException e) {
      throw new IllegalStateException("token not signed", e);
    }
  }
}
