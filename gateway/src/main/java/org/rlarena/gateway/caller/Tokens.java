package org.rlarena.gateway.caller;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.Key;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.lang.JoseException;

/**
 * Judges tokens of users, and of programs that act for them, by the rules of the {@code access}
 * library: RS256 alone (RFC 8725 section 3.1), a published key, issuer, audience, expiry, type.
 * Keys named inside a token are never looked at. Sound tokens are remembered, since a client sends
 * the same one with each request. Thread-safe.
 */
@ApplicationScoped
public class Tokens {

  private static final String BEARER = "Bearer ";
  private static final int MAX_LENGTH = 8192;
  private static final int REMEMBERED = 2048;
  private static final int CLOCK_SKEW_SECONDS = 5;

  private final PublishedKeys keys;
  private final String issuer;
  private final String audience;
  private final Map<String, Caller> sound =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Caller> eldest) {
          return size() > REMEMBERED;
        }
      };

  Tokens(
      PublishedKeys keys,
      @ConfigProperty(name = "arena.access.issuer", defaultValue = "rl-arena") String issuer,
      @ConfigProperty(name = "arena.access.audience", defaultValue = "rl-arena") String audience) {
    this.keys = keys;
    this.issuer = issuer;
    this.audience = audience;
  }

  /** The token of an {@code Authorization: Bearer} header. */
  public static Optional<String> ofHeader(HttpServerRequest request) {
    String header = request.getHeader("Authorization");
    return header != null && header.startsWith(BEARER)
        ? Optional.of(header.substring(BEARER.length()))
        : Optional.empty();
  }

  /** Whose token it is; fails with {@link TokenRefused} or {@link KeysUnavailable}. */
  public Future<Caller> judge(String token) {
    Caller known = remembered(token);
    if (known != null) {
      return Future.succeededFuture(known);
    }
    return keyIdOf(token)
        .map(
            keyId ->
                keys.find(keyId)
                    .compose(
                        key -> key.map(found -> verified(token, found)).orElseGet(Tokens::refused)))
        .orElseGet(Tokens::refused);
  }

  private Caller remembered(String token) {
    synchronized (sound) {
      Caller known = sound.get(token);
      return known != null && known.expiresAt().isAfter(Instant.now()) ? known : null;
    }
  }

  private Future<Caller> verified(String token, Key key) {
    try {
      JwtClaims claims =
          new JwtConsumerBuilder()
              .setVerificationKey(key)
              .setJwsAlgorithmConstraints(
                  AlgorithmConstraints.ConstraintType.PERMIT, AlgorithmIdentifiers.RSA_USING_SHA256)
              .setExpectedIssuer(issuer)
              .setExpectedAudience(audience)
              .setRequireExpirationTime()
              .setRequireIssuedAt()
              .setRequireJwtId()
              .setRequireSubject()
              .setAllowedClockSkewInSeconds(CLOCK_SKEW_SECONDS)
              .build()
              .processToClaims(token);
      String type = claims.getStringClaimValue("typ");
      boolean program = "api".equals(type);
      if (!program && !"access".equals(type)) {
        return refused();
      }
      Caller caller =
          new Caller(
              UUID.fromString(claims.getSubject()),
              claims.getJwtId(),
              Instant.ofEpochSecond(claims.getIssuedAt().getValue()),
              Instant.ofEpochSecond(claims.getExpirationTime().getValue()),
              !program || hasScope(claims, "read"),
              token);
      synchronized (sound) {
        sound.put(token, caller);
      }
      return Future.succeededFuture(caller);
    } catch (InvalidJwtException | MalformedClaimException | IllegalArgumentException e) {
      return refused();
    }
  }

  private static boolean hasScope(JwtClaims claims, String scope) throws MalformedClaimException {
    String scopes = claims.getStringClaimValue("scope");
    return scopes != null && List.of(scopes.split(" ")).contains(scope);
  }

  private static Optional<String> keyIdOf(String token) {
    if (token.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    try {
      JsonWebSignature signature = new JsonWebSignature();
      signature.setCompactSerialization(token);
      return Optional.ofNullable(signature.getKeyIdHeaderValue());
    } catch (JoseException | RuntimeException e) {
      return Optional.empty();
    }
  }

  private static Future<Caller> refused() {
    return Future.failedFuture(
        new TokenRefused("The token is not valid or has expired; log in again."));
  }
}
