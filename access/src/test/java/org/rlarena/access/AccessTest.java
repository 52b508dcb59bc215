package org.rlarena.access;

import static io.restassured.RestAssured.given;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.junit.QuarkusTest;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;

@QuarkusTest
@ServiceOfTest
class AccessTest {

  private static final String CHANGED = "org.rlarena.user.changed.v1";
  private static final String DELETED = "org.rlarena.user.deleted.v1";

  private final UUID ada = UUID.randomUUID();

  @Test
  void shouldKnowUser() {
    assertThat(given().auth().oauth2(TestTokens.user(ada, "ada")).get("/door/user").asString())
        .isEqualTo(ada + " ada");
  }

  @Test
  void shouldKeepRolesApart() {
    String user = TestTokens.user(ada, "ada");
    String admin = TestTokens.admin(ada, "ada");
    String reader = TestTokens.service("agent-service", "agent:read source:read");
    String writer = TestTokens.service("agent-service", "agent:write");
    String elsewhere = TestTokens.service("match-service", "agent:read");
    String userAsScope = TestTokens.service("agent-service", "user admin");

    assertThat(status("/door/admin", user)).isEqualTo(403);
    assertThat(status("/door/admin", admin)).isEqualTo(200);
    assertThat(status("/door/internal", user)).isEqualTo(403);
    assertThat(status("/door/internal", admin)).isEqualTo(403);
    assertThat(status("/door/internal", reader)).isEqualTo(200);
    assertThat(status("/door/internal", writer)).isEqualTo(403);
    assertThat(status("/door/internal", elsewhere)).isEqualTo(401);
    assertThat(status("/door/user", userAsScope)).isEqualTo(401);
  }

  static Stream<Consumer<JwtClaims>> wrongClaims() {
    return Stream.of(
        claims -> claims.setIssuer("somebody"),
        claims -> claims.setAudience("elsewhere"),
        claims -> claims.unsetClaim("aud"),
        claims -> claims.unsetClaim("exp"),
        claims -> claims.unsetClaim("iat"),
        claims -> claims.unsetClaim("jti"),
        claims -> claims.unsetClaim("typ"),
        claims -> claims.setClaim("typ", "refresh"),
        claims -> claims.setClaim("typ", 7),
        claims -> claims.setSubject("not-a-uuid"),
        claims -> claims.setNotBefore(NumericDate.fromSeconds(Instant.now().getEpochSecond() + 60)),
        claims -> claims.setClaim("padding", "x".repeat(10_000)));
  }

  @ParameterizedTest
  @MethodSource("wrongClaims")
  void shouldRefuseTokenWithWrongClaims(Consumer<JwtClaims> change) {
    assertThat(status("/door/user", TestTokens.user(ada, "ada", change))).isEqualTo(401);
  }

  @Test
  void shouldRefuseExpiredForgedUnsignedAndBrokenTokens() {
    for (String token : TestTokens.refusedOf(ada, "ada")) {
      assertThat(status("/door/user", token)).isEqualTo(401);
    }
    assertThat(given().get("/door/user").statusCode()).isEqualTo(401);
  }

  @Test
  void shouldTakeBadTokenForNoneWhereEverybodyMayCome() {
    for (String token : TestTokens.refusedOf(ada, "ada")) {
      assertThat(given().auth().oauth2(token).get("/door/public").asString()).isEqualTo("nobody");
    }
    assertThat(given().auth().oauth2(TestTokens.user(ada, "ada")).get("/door/public").asString())
        .isEqualTo(ada.toString());
  }

  @Test
  void shouldRefuseBannedAndDeletedUsersAndLoggedOutTokens() {
    try (Events events = Events.connect()) {
      // Given
      UUID banned = UUID.randomUUID();
      UUID deleted = UUID.randomUUID();
      UUID leaving = UUID.randomUUID();
      String leavingToken = TestTokens.user(leaving, "l", claims -> claims.setJwtId("gone"));
      for (String token :
          List.of(TestTokens.user(banned, "b"), TestTokens.user(deleted, "d"), leavingToken)) {
        assertThat(status("/door/user", token)).isEqualTo(200);
      }

      // When
      publish(events, banned, CHANGED, changed(banned, 2, "banned", Instant.EPOCH));
      publish(events, banned, CHANGED, changed(banned, 1, "active", Instant.EPOCH));
      publish(events, deleted, DELETED, deletion(deleted, 2));
      publish(events, deleted, CHANGED, changed(deleted, 3, "active", Instant.EPOCH));
      publish(events, leaving, CHANGED, loggedOut(leaving, "gone"));

      // Then
      await()
          .atMost(ofSeconds(60))
          .untilAsserted(
              () -> {
                assertThat(status("/door/user", TestTokens.user(banned, "b"))).isEqualTo(401);
                assertThat(status("/door/user", TestTokens.user(deleted, "d"))).isEqualTo(401);
                assertThat(status("/door/user", leavingToken)).isEqualTo(401);
              });
      assertThat(status("/door/user", TestTokens.user(leaving, "l"))).isEqualTo(200);
    }
  }

  @Test
  void shouldRefuseTokensIssuedBeforePasswordChange() {
    try (Events events = Events.connect()) {
      // Given
      Instant now = Instant.now();
      String old =
          TestTokens.user(
              ada, "ada", c -> c.setIssuedAt(NumericDate.fromSeconds(now.getEpochSecond() - 60)));

      // When
      publish(events, ada, CHANGED, changed(ada, 2, "active", now.minusSeconds(30)));

      // Then
      await()
          .atMost(ofSeconds(60))
          .untilAsserted(() -> assertThat(status("/door/user", old)).isEqualTo(401));
      assertThat(status("/door/user", TestTokens.user(ada, "ada"))).isEqualTo(200);
    }
  }

  @Test
  void shouldAcceptPublishedExampleAndPutAsideWhatItCannotRead() {
    try (Events events = Events.connect()) {
      // Given
      UUID user = UUID.fromString(Contract.exampleNode("user.changed.v1").get("userId").asText());

      // When
      events.publish("user.changed", user.toString(), CHANGED, "{\"userId\":7}");
      publish(events, user, CHANGED, Contract.example("user.changed.v1"));
      publish(events, user, DELETED, Contract.example("user.deleted.v1"));

      // Then
      await()
          .atMost(ofSeconds(60))
          .untilAsserted(
              () -> {
                assertThat(status("/door/user", TestTokens.user(user, "x"))).isEqualTo(401);
                assertThat(events.deadLetters("user.changed", "agent-service")).isNotEmpty();
              });
    }
  }

  private static int status(String path, String token) {
    return given().auth().oauth2(token).get(path).statusCode();
  }

  private static void publish(Events events, UUID user, String type, String json) {
    events.publish("user.changed", user.toString(), type, json);
  }

  private static String changed(UUID user, long sequence, String status, Instant validFrom) {
    var event = Contract.exampleNode("user.changed.v1");
    event.put("userId", user.toString());
    event.put("sequence", sequence);
    event.put("status", status);
    event.put("tokensValidFrom", validFrom.toString());
    event.putArray("loggedOutTokens");
    return event.toString();
  }

  private static String loggedOut(UUID user, String jti) {
    var event = Contract.exampleNode("user.changed.v1");
    event.put("userId", user.toString());
    event.put("tokensValidFrom", Instant.EPOCH.toString());
    event
        .putArray("loggedOutTokens")
        .addObject()
        .put("jti", jti)
        .put("expiresAt", Instant.now().plusSeconds(3600).toString());
    return event.toString();
  }

  private static String deletion(UUID user, long sequence) {
    var event = Contract.exampleNode("user.deleted.v1");
    event.put("userId", user.toString());
    event.put("sequence", sequence);
    return event.toString();
  }
}
