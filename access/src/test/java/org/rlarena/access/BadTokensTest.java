package org.rlarena.access;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.access.testing.TestTokens;

/** Attacks on the verification of tokens (RFC 8725 section 2); each is a 401 and says no more. */
@QuarkusTest
@ServiceOfTest
class BadTokensTest {

  private static final long SEED = 20261126;
  private static final int MUTATIONS = 1000;

  private static final String PEM =
      "-----BEGIN PUBLIC KEY-----\n"
          + Base64.getMimeEncoder(64, new byte[] {'\n'})
              .encodeToString(TestTokens.publicKey().getEncoded())
          + "\n-----END PUBLIC KEY-----\n";

  private final UUID ada = UUID.randomUUID();

  static Stream<Arguments> attacks() {
    RsaJsonWebKey own = generated();
    return Stream.of(
        attack(
            "HS256 with the public key as PEM",
            hmac("HS256", PEM.getBytes(StandardCharsets.US_ASCII))),
        attack(
            "HS256 with the public key as PEM, no line end",
            hmac("HS256", PEM.strip().getBytes(StandardCharsets.US_ASCII))),
        attack(
            "HS256 with the public key as DER", hmac("HS256", TestTokens.publicKey().getEncoded())),
        attack(
            "HS256 with the modulus",
            hmac("HS256", TestTokens.publicKey().getModulus().toByteArray())),
        attack("HS512 with an empty key", hmac("HS512", new byte[] {0})),
        attack("RS512 with the right key", token -> token.setAlgorithmHeaderValue("RS512")),
        attack("PS256 with the right key", token -> token.setAlgorithmHeaderValue("PS256")),
        attack(
            "the signer's key in the header",
            token -> {
              token.setJwkHeader(own);
              token.setKey(own.getPrivateKey());
            }),
        attack(
            "the signer's key in the header, no key id",
            token -> {
              token.setJwkHeader(own);
              token.setHeader("kid", null);
              token.setKey(own.getPrivateKey());
            }),
        attack(
            "a set of keys by URL",
            token -> {
              token.setHeader("jku", "http://127.0.0.1:9/jwks.json");
              token.setKey(own.getPrivateKey());
            }),
        attack(
            "a certificate by URL",
            token -> {
              token.setHeader("x5u", "http://127.0.0.1:9/cert.pem");
              token.setKey(own.getPrivateKey());
            }),
        attack("no key id", token -> token.setHeader("kid", null)),
        attack(
            "an extension that nobody knows",
            token -> token.setHeader("crit", java.util.List.of("exp2"))),
        attack("another key under the right id", token -> token.setKey(own.getPrivateKey())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("attacks")
  void shouldRefuse(String name, Consumer<JsonWebSignature> change) {
    refuses(TestTokens.crafted(change, ada, "ada"));
  }

  @Test
  void shouldAcceptTheSameTokenUntouched() {
    String token = TestTokens.crafted(untouched -> {}, ada, "ada");

    assertThat(given().auth().oauth2(token).get("/door/user").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../../",
        "../../../../dev/null",
        "/etc/passwd",
        "test\u0000",
        "test'; drop table access_user; --",
        "' union select 'key",
        "http://127.0.0.1:9/key",
        "TEST",
        ""
      })
  void shouldTakeKeyIdForANameAndNothingElse(String keyId) {
    refuses(TestTokens.crafted(token -> token.setKeyIdHeaderValue(keyId), ada, "ada"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // the second one would win, or the first, depending on who reads
        "{\"sub\":\"%1$s\",\"sub\":\"00000000-0000-4000-8000-000000000001\",%2$s}",
        "{\"sub\":\"%1$s\",%2$s,\"exp\":99999999999}",
        "{\"sub\":\"%1$s\",%2$s,\"typ\":\"service\"}"
      })
  void shouldRefuseClaimThatComesTwice(String payload) {
    long now = java.time.Instant.now().getEpochSecond();
    String others =
        "\"iss\":\"rl-arena\",\"aud\":\"rl-arena\",\"typ\":\"access\",\"username\":\"ada\",\"jti\":\"%s\",\"iat\":%d,\"exp\":%d,\"groups\":[\"user\"]"
            .formatted(UUID.randomUUID(), now, now + 600);
    String once = "{\"sub\":\"%s\",%s}".formatted(ada, others);
    assertThat(
            given()
                .auth()
                .oauth2(TestTokens.crafted(token -> token.setPayload(once), ada, "ada"))
                .get("/door/user")
                .statusCode())
        .isEqualTo(200);

    refuses(
        TestTokens.crafted(token -> token.setPayload(payload.formatted(ada, others)), ada, "ada"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "[]", "null", "7", "{", "{}", "\u0000", "{\"sub\":{}}", "{\"exp\":\"soon\"}"})
  void shouldRefusePayloadThatIsNoSetOfClaims(String payload) {
    refuses(TestTokens.crafted(token -> token.setPayload(payload), ada, "ada"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "..",
        "...",
        "a.b",
        "a.b.c",
        "a.b.c.d.e",
        "eyJhbGciOiJSUzI1NiJ9..",
        "\u00e4.\u00f6.\u00fc"
      })
  void shouldRefuseWhatIsNoToken(String token) {
    refuses(token);
  }

  @Test
  void shouldRefuseTokenWithoutSignature() {
    String[] sound = TestTokens.user(ada, "ada").split("\\.");
    for (String algorithm : new String[] {"none", "None", "NONE", ""}) {
      String header =
          Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString("{\"alg\":\"%s\"}".formatted(algorithm).getBytes());
      refuses(header + "." + sound[1] + ".");
      refuses(header + "." + sound[1] + "." + sound[2]);
    }
  }

  /** Whatever a byte of a sound token becomes, it is refused and not stumbled over. */
  @Test
  void shouldRefuseEveryMutation() {
    String sound = TestTokens.user(ada, "ada");
    Random random = new Random(SEED);
    String alphabet = "ABCxyz019-_.=+/%{\"~";
    for (int i = 0; i < MUTATIONS; i++) {
      StringBuilder mutated = new StringBuilder(sound);
      for (int changes = random.nextInt(3); changes >= 0; changes--) {
        int at = random.nextInt(mutated.length());
        char other = alphabet.charAt(random.nextInt(alphabet.length()));
        switch (random.nextInt(4)) {
          case 0 -> mutated.setCharAt(at, other);
          case 1 -> mutated.deleteCharAt(at);
          case 2 -> mutated.insert(at, other);
          default -> mutated.delete(at, Math.min(mutated.length(), at + random.nextInt(200)));
        }
      }
      String token = mutated.toString();
      if (!sameBytes(token, sound)) {
        refuses(token);
      }
    }
  }

  /** The last character of a part may have bits that stand for nothing. */
  private static boolean sameBytes(String token, String sound) {
    String[] parts = token.split("\\.", -1);
    String[] others = sound.split("\\.", -1);
    if (parts.length != 3) {
      return false;
    }
    try {
      return parts[0].equals(others[0])
          && parts[1].equals(others[1])
          && Arrays.equals(
              Base64.getUrlDecoder().decode(parts[2]), Base64.getUrlDecoder().decode(others[2]));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Test
  void shouldRefuseTokenOfAMegabyteBeforeReadingIt() {
    String token = TestTokens.user(ada, "ada") + "x".repeat(1_000_000);

    try {
      assertThat(given().auth().oauth2(token).get("/door/user").statusCode()).isBetween(400, 499);
    } catch (Exception hungUp) {
      // It may close the connection while the header is still on its way: refused as well.
      assertThat(hungUp).isInstanceOf(SocketException.class);
    }
    // what the server's limit on headers lets pass
    refuses(TestTokens.user(ada, "ada", claims -> claims.setClaim("padding", "x".repeat(10_000))));
  }

  private static void refuses(String token) {
    given()
        .auth()
        .oauth2(token)
        .get("/door/user")
        .then()
        .statusCode(401)
        .contentType("application/problem+json")
        .header("WWW-Authenticate", "Bearer")
        .body("code", equalTo("token_invalid"));
  }

  private static Arguments attack(String name, Consumer<JsonWebSignature> change) {
    return Arguments.of(name, change);
  }

  private static Consumer<JsonWebSignature> hmac(String algorithm, byte[] key) {
    return token -> {
      token.setAlgorithmHeaderValue(algorithm);
      token.setKey(new HmacKey(key));
    };
  }

  private static RsaJsonWebKey generated() {
    try {
      RsaJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
      key.setKeyId("test");
      return key;
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }
}
