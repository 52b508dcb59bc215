package org.rlarena.access;

import io.smallrye.jwt.auth.principal.DefaultJWTCallerPrincipal;
import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import io.smallrye.jwt.auth.principal.JWTCallerPrincipal;
import io.smallrye.jwt.auth.principal.JWTCallerPrincipalFactory;
import io.smallrye.jwt.auth.principal.ParseException;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.security.Key;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.jwt.Claims;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwt.consumer.JwtContext;
import org.jose4j.jwx.JsonWebStructure;
import org.jose4j.lang.UnresolvableKeyException;

/**
 * Judges bearer tokens: RS256 only (RFC 8725 section 3.1), a key that auth-service publishes,
 * issuer, expiry, and by {@code typ} a user's access token, or one that a program got for an API
 * token, for the suite's audience and not revoked, or a service token whose audience is this
 * service. Keys named inside the token ({@code jwk}, {@code jku}, {@code x5u}) are never looked at.
 * A service token's scopes become its roles; it never has the roles of a user.
 */
@ApplicationScoped
@Alternative
@Priority(1)
class TokenVerifier extends JWTCallerPrincipalFactory {

  static final String TYPE = "typ";
  static final String ACCESS = "access";
  static final String API = "api";
  static final String SERVICE = "service";

  private static final String SCOPE = "scope";

  /** Longer tokens are refused unread. */
  private static final int MAX_LENGTH = 8192;

  /** RFC 7515 section 2: nothing but base64url; the parser skips what else is in a signature. */
  private static final Pattern COMPACT = Pattern.compile("([A-Za-z0-9_-]+\\.){2}[A-Za-z0-9_-]+");

  private static final int CLOCK_SKEW_SECONDS = 5;

  private final AccessConfig config;
  private final Jwks jwks;
  private final SoundSignatures signatures;
  private final Revocations revocations;
  private final String serviceName;
  private final JwtConsumer allRules;
  private final JwtConsumer claimsRules;

  TokenVerifier(
      AccessConfig config,
      Jwks jwks,
      SoundSignatures signatures,
      Revocations revocations,
      @ConfigProperty(name = "quarkus.application.name") String serviceName) {
    this.config = config;
    this.jwks = jwks;
    this.signatures = signatures;
    this.revocations = revocations;
    this.serviceName = serviceName;
    this.allRules = rules().setVerificationKeyResolver(this::keyFor).build();
    this.claimsRules = rules().setSkipSignatureVerification().setDisableRequireSignature().build();
  }

  @Override
  public JWTCallerPrincipal parse(String token, JWTAuthContextInfo ignored) throws ParseException {
    if (token.length() > MAX_LENGTH) {
      throw new ParseException("token too long");
    }
    try {
      JwtClaims claims = verify(token);
      switch (claims.getStringClaimValue(TYPE)) {
        case ACCESS -> checkUser(claims);
        case API -> checkProgram(claims);
        case SERVICE -> checkService(claims);
        case null, default -> throw new ParseException("unknown token type");
      }
      claims.setClaim(Claims.raw_token.name(), token);
      return new DefaultJWTCallerPrincipal(ACCESS, claims);
    } catch (InvalidJwtException | MalformedClaimException | IllegalArgumentException e) {
      throw new ParseException("token refused", e);
    }
  }

  private JwtClaims verify(String token) throws InvalidJwtException, ParseException {
    Optional<JwtClaims> known = claimsOfSigned(token);
    if (known.isPresent()) {
      claimsRules.processContext(new JwtContext(known.get(), List.of()));
      return known.get();
    }
    if (!COMPACT.matcher(token).matches()) {
      throw new ParseException("no token");
    }
    JwtContext judged = allRules.process(token);
    JsonWebStructure signature = judged.getJoseObjects().getFirst();
    signatures.keep(
        token,
        new SoundSignatures.Signed(
            signature.getKeyIdHeaderValue(),
            signature.getKey(),
            judged.getJwtClaims().getClaimsMap()));
    return judged.getJwtClaims();
  }

  /** What it claims, if it was found signed with the key that auth-service publishes now. */
  private Optional<JwtClaims> claimsOfSigned(String token) {
    return signatures
        .find(token)
        .filter(signed -> jwks.find(signed.keyId()).filter(signed.key()::equals).isPresent())
        .map(
            signed -> {
              JwtClaims claims = new JwtClaims();
              signed.claims().forEach(claims::setClaim);
              return claims;
            });
  }

  private JwtConsumerBuilder rules() {
    return new JwtConsumerBuilder()
        .setJwsAlgorithmConstraints(
            AlgorithmConstraints.ConstraintType.PERMIT, AlgorithmIdentifiers.RSA_USING_SHA256)
        .setExpectedIssuer(config.issuer())
        .setRequireExpirationTime()
        .setRequireIssuedAt()
        .setRequireJwtId()
        .setRequireSubject()
        .setAllowedClockSkewInSeconds(CLOCK_SKEW_SECONDS)
        .setSkipDefaultAudienceValidation();
  }

  private Key keyFor(JsonWebSignature signature, List<JsonWebStructure> nesting)
      throws UnresolvableKeyException {
    String keyId = signature.getKeyIdHeaderValue();
    if (keyId == null) {
      throw new UnresolvableKeyException("token names no key");
    }
    return jwks.find(keyId).orElseThrow(() -> new UnresolvableKeyException("unknown key"));
  }

  private void checkUser(JwtClaims claims) throws ParseException, MalformedClaimException {
    requireAudience(claims, config.audience());
    UUID userId = UUID.fromString(claims.getSubject());
    Instant issuedAt = Instant.ofEpochSecond(claims.getIssuedAt().getValue());
    if (revocations.refuses(userId, claims.getJwtId(), issuedAt)) {
      throw new ParseException("token revoked");
    }
  }

  /** Acts for a user within its scopes, which {@link ScopeFilter} checks; never as an admin. */
  private void checkProgram(JwtClaims claims) throws ParseException, MalformedClaimException {
    checkUser(claims);
    if (claims.getStringClaimValue(SCOPE) == null) {
      throw new ParseException("token without scopes");
    }
    claims.setStringListClaim(Claims.groups.name(), List.of("user"));
  }

  private void checkService(JwtClaims claims) throws ParseException, MalformedClaimException {
    requireAudience(claims, serviceName);
    String scope = claims.getStringClaimValue(SCOPE);
    claims.setStringListClaim(
        Claims.groups.name(), scope == null ? List.of() : Arrays.asList(scope.split(" ")));
  }

  /** The scopes of a program's token. */
  static Set<String> scopes(JsonWebToken token) {
    return Set.of(token.<String>claim(SCOPE).orElse("").split(" "));
  }

  private static void requireAudience(JwtClaims claims, String audience)
      throws ParseException, MalformedClaimException {
    if (!claims.getAudience().contains(audience)) {
      throw new ParseException("token is for another audience");
    }
  }
}
