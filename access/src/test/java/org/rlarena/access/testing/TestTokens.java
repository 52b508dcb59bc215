package org.rlarena.access.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.lang.JoseException;

/** Tokens as auth-service would issue them, and some that it never would. */
public final class TestTokens {

  private TestTokens() {}

  /** A valid token of a user. */
  public static String user(UUID id, String username) {
    return signed(userClaims(id, username, "user"), key());
  }

  /** A valid token of a user whose claims were changed before signing. */
  public static String user(UUID id, String username, Consumer<JwtClaims> change) {
    JwtClaims claims = userClaims(id, username, "user");
    change.accept(claims);
    return signed(claims, key());
  }

  /** A valid token of an administrator. */
  public static String admin(UUID id, String username) {
    return signed(userClaims(id, username, "user", "admin"), key());
  }

  /** A valid token that a program got for an API token with these scopes, space-separated. */
  public static String api(UUID id, String username, String scopes) {
    return user(
        id,
        username,
        claims -> {
          claims.setClaim("typ", "api");
          claims.setClaim("scope", scopes);
          claims.unsetClaim("email");
        });
  }

  /** A token that is valid but for what the caller changes before it is signed. */
  public static String crafted(Consumer<JsonWebSignature> change, UUID id, String username) {
    JsonWebSignature token = new JsonWebSignature();
    token.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
    token.setDoKeyValidation(false);
    token.setAlgorithmHeaderValue("RS256");
    token.setKeyIdHeaderValue("test");
    token.setKey(key().getPrivateKey());
    token.setPayload(userClaims(id, username, "user", "admin").toJson());
    change.accept(token);
    return serialized(token);
  }

  /** The published key, as an attacker knows it. */
  public static RSAPublicKey publicKey() {
    return key().getRsaPublicKey();
  }

  /** A valid token with which some service calls {@code audience}. */
  public static String service(String audience, String scope) {
    JwtClaims claims = claims("some-service", Duration.ofMinutes(5));
    claims.setAudience(audience);
    claims.setClaim("typ", "service");
    claims.setClaim("scope", scope);
    return signed(claims, key());
  }

  /** A user's token that expired an hour ago. */
  public static String expired(UUID id, String username) {
    return user(
        id,
        username,
        claims -> {
          claims.setIssuedAt(seconds(Instant.now().minus(Duration.ofHours(25))));
          claims.setExpirationTime(seconds(Instant.now().minus(Duration.ofHours(1))));
        });
  }

  /** A user's token signed with somebody else's key under the right key id. */
  public static String forged(UUID id, String username) {
    try {
      return signed(userClaims(id, username, "user", "admin"), RsaJwkGenerator.generateJwk(2048));
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A user's token with {@code alg: none}. */
  public static String unsigned(UUID id, String username) {
    JsonWebSignature token = new JsonWebSignature();
    token.setAlgorithmConstraints(AlgorithmConstraints.ALLOW_ONLY_NONE);
    token.setAlgorithmHeaderValue("none");
    token.setKeyIdHeaderValue("test");
    token.setPayload(userClaims(id, username, "user").toJson());
    return serialized(token);
  }

  private static JwtClaims userClaims(UUID id, String username, String... roles) {
    JwtClaims claims = claims(id.toString(), Duration.ofHours(24));
    claims.setAudience("rl-arena");
    claims.setClaim("typ", "access");
    claims.setClaim("userId", id.toString());
    claims.setClaim("username", username);
    claims.setClaim("email", username + "@example.org");
    claims.setStringListClaim("groups", Arrays.asList(roles));
    return claims;
  }

  private static JwtClaims claims(String subject, Duration lifetime) {
    JwtClaims claims = new JwtClaims();
    claims.setIssuer("rl-arena");
    claims.setSubject(subject);
    claims.setJwtId(UUID.randomUUID().toString());
    claims.setIssuedAt(seconds(Instant.now()));
    claims.setExpirationTime(seconds(Instant.now().plus(lifetime)));
    return claims;
  }

  private static NumericDate seconds(Instant instant) {
    return NumericDate.fromSeconds(instant.getEpochSecond());
  }

  private static String signed(JwtClaims claims, RsaJsonWebKey key) {
    JsonWebSignature token = new JsonWebSignature();
    token.setAlgorithmHeaderValue("RS256");
    token.setKeyIdHeaderValue("test");
    token.setHeader("typ", "JWT");
    token.setKey(key.getPrivateKey());
    token.setPayload(claims.toJson());
    return serialized(token);
  }

  private static String serialized(JsonWebSignature token) {
    try {
      return token.getCompactSerialization();
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  private static RsaJsonWebKey key() {
    try {
      Path file = Path.of(System.getProperty(TestKeys.FOLDER), "private.jwk");
      return (RsaJsonWebKey) JsonWebKey.Factory.newJwk(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Tokens of this user that no service may accept. */
  public static List<String> refusedOf(UUID id, String username) {
    return List.of(expired(id, username), forged(id, username), unsigned(id, username), "garbage");
  }
}
