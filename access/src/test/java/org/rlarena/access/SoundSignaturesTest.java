package org.rlarena.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.jwt.auth.principal.ParseException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a signature that is remembered is good for, and what not. */
class SoundSignaturesTest {

  @TempDir private Path folder;

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private final SoundSignatures signatures = new SoundSignatures();
  private RsaJsonWebKey signer;
  private TokenVerifier verifier;

  @BeforeEach
  void publishKey() throws Exception {
    signer = key("k1");
    publish(signer);
    AccessConfig config =
        new SmallRyeConfigBuilder()
            .withMapping(AccessConfig.class)
            .withDefaultValue("arena.access.jwks-location", jwks().toUri().toString())
            .withDefaultValue("arena.access.jwks-max-age", "PT5M")
            .build()
            .getConfigMapping(AccessConfig.class);
    Jwks keys = new Jwks(config, ((InstantSource) now::get).withZone(ZoneOffset.UTC));
    // tokens of services, which are not asked about in the database
    verifier = new TokenVerifier(config, keys, signatures, null, "agent-service");
  }

  @Test
  void shouldRememberASoundTokenAndSayTheSameOfIt() throws Exception {
    String token = signed(claims(), signer);

    var first = verifier.parse(token, null);
    var second = verifier.parse(token, null);

    assertThat(signatures.find(token)).map(SoundSignatures.Signed::keyId).contains("k1");
    assertThat(second.getSubject()).isEqualTo("match-service");
    assertThat(second.getGroups()).isEqualTo(first.getGroups()).containsExactly("agent:read");
    assertThat(second.getRawToken()).isEqualTo(token);
  }

  @Test
  void shouldNotVerifyTwiceWhatItRemembers() throws Exception {
    // Given a token that its key did not sign, which only a memory can make sound
    String forged = signed(claims(), key("k1"));
    refuses(forged);

    signatures.keep(forged, remembered(claims()));

    assertThat(verifier.parse(forged, null).getSubject()).isEqualTo("match-service");
  }

  @Test
  void shouldNotRememberARefusedToken() throws Exception {
    String forged = signed(claims(), key("k1"));
    JwtClaims late = claims();
    late.setExpirationTime(NumericDate.fromSeconds(Instant.now().getEpochSecond() - 60));
    String expired = signed(late, signer);

    refuses(forged);
    refuses(expired);

    assertThat(signatures.find(forged)).isEmpty();
    assertThat(signatures.find(expired)).isEmpty();
  }

  @Test
  void shouldKnowATokenByAllItsBytes() throws Exception {
    // Given two sound tokens
    String one = signed(claims(), signer);
    JwtClaims others = claims();
    others.setClaim("scope", "agent:read source:read");
    String other = signed(others, signer);
    verifier.parse(one, null);
    verifier.parse(other, null);
    String[] ofOne = one.split("\\.");
    String[] ofOther = other.split("\\.");

    // When, Then: neither's signature makes the other's claims good
    refuses(ofOne[0] + "." + ofOther[1] + "." + ofOne[2]);
    refuses(ofOne[0] + "." + ofOne[1] + "." + ofOther[2]);
  }

  @Test
  void shouldAskForExpiryIssuerAndAudienceEachTime() throws Exception {
    JwtClaims late = claims();
    late.setExpirationTime(NumericDate.fromSeconds(Instant.now().getEpochSecond() - 60));
    JwtClaims foreign = claims();
    foreign.setIssuer("somebody");
    JwtClaims elsewhere = claims();
    elsewhere.setAudience("build-service");

    for (JwtClaims wrong : new JwtClaims[] {late, foreign, elsewhere}) {
      String token = signed(wrong, signer);
      signatures.keep(token, remembered(wrong));
      refuses(token);
    }
  }

  @Test
  void shouldRefuseARememberedTokenOnceItsKeyIsNotPublishedAnyMore() throws Exception {
    String token = signed(claims(), signer);
    verifier.parse(token, null);

    // the same name, another key
    publish(key("k1"));
    now.updateAndGet(time -> time.plus(Duration.ofMinutes(6)));
    refuses(token);

    publish(signer);
    now.updateAndGet(time -> time.plus(Duration.ofMinutes(6)));
    assertThat(verifier.parse(token, null).getSubject()).isEqualTo("match-service");

    publish(key("k2"));
    now.updateAndGet(time -> time.plus(Duration.ofMinutes(6)));
    refuses(token);
  }

  @Test
  void shouldForgetTheTokenThatWasNotSeenForLongest() {
    var signed = remembered(claims());
    signatures.keep("first", signed);
    signatures.keep("second", signed);
    signatures.find("first");

    for (int others = 0; others < SoundSignatures.MOST - 1; others++) {
      signatures.keep("other " + others, signed);
    }

    assertThat(signatures.find("first")).isPresent();
    assertThat(signatures.find("second")).isEmpty();
  }

  private void refuses(String token) {
    assertThatThrownBy(() -> verifier.parse(token, null)).isInstanceOf(ParseException.class);
  }

  private SoundSignatures.Signed remembered(JwtClaims claims) {
    return new SoundSignatures.Signed("k1", signer.getKey(), claims.getClaimsMap());
  }

  private static JwtClaims claims() {
    JwtClaims claims = new JwtClaims();
    claims.setIssuer("rl-arena");
    claims.setSubject("match-service");
    claims.setAudience("agent-service");
    claims.setGeneratedJwtId();
    claims.setIssuedAtToNow();
    claims.setExpirationTimeMinutesInTheFuture(5);
    claims.setClaim("typ", "service");
    claims.setClaim("scope", "agent:read");
    return claims;
  }

  private static String signed(JwtClaims claims, RsaJsonWebKey key) throws JoseException {
    JsonWebSignature token = new JsonWebSignature();
    token.setAlgorithmHeaderValue("RS256");
    token.setKeyIdHeaderValue(key.getKeyId());
    token.setKey(key.getPrivateKey());
    token.setPayload(claims.toJson());
    return token.getCompactSerialization();
  }

  private static RsaJsonWebKey key(String id) throws JoseException {
    RsaJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
    key.setKeyId(id);
    return key;
  }

  private void publish(RsaJsonWebKey key) throws Exception {
    Files.writeString(
        jwks(), new JsonWebKeySet(key).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY));
  }

  private Path jwks() {
    return folder.resolve("jwks.json");
  }
}
