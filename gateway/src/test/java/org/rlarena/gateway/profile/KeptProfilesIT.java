package org.rlarena.gateway.profile;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jose4j.jwt.JwtClaims;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.gateway.FakeServices;
import org.rlarena.gateway.bus.BusReader;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.TestInfra;

/**
 * Profiles are kept for an hour here, so that only what is to drop them does, and parts have time
 * enough: a profile that lacks one, as the first of a gateway that has just started may, is not
 * kept.
 */
@QuarkusTest
@TestProfile(KeptProfilesIT.KeepLong.class)
@WithTestResource(FakeServices.class)
@WithTestResource(TestKeys.class)
@WithTestResource(TestInfra.class)
class KeptProfilesIT {

  private static final String ME = "/api/v1/users/me";

  @Inject BusReader bus;

  @ConfigProperty(name = "arena.gateway.services.auth-service")
  URI authService;

  private final UUID ada = UUID.randomUUID();
  private final UUID bob = UUID.randomUUID();
  private final String adasToken = TestTokens.user(ada, "ada");
  private final String bobsToken = TestTokens.user(bob, "bob");
  private Events events;

  public static class KeepLong implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "arena.gateway.cache.profiles", "1h",
          "arena.gateway.account-timeout", "10s",
          "arena.gateway.part-timeout", "10s");
    }
  }

  @BeforeEach
  void connect() {
    await().until(bus::isCaughtUp);
    events = Events.connect();
  }

  @AfterEach
  void disconnect() {
    events.close();
  }

  private static JsonPath me(String token) {
    return given().auth().oauth2(token).get(ME).then().statusCode(200).extract().jsonPath();
  }

  /** The id of the request that auth-service answered: the same as long as its answer is kept. */
  private static String answered(String token) {
    JsonPath me = me(token);
    assertThat(me.getString("user.token")).isEqualTo("Bearer " + token);
    return me.getString("user.request");
  }

  @Test
  void shouldAnswerAgainWithoutAsking() {
    String first = answered(adasToken);

    assertThat(answered(adasToken)).isEqualTo(first);
    assertThat(me(adasToken).getInt("stats.totalMatches")).isEqualTo(40);
  }

  @Test
  void shouldAnswerEachTokenWithItsOwn() {
    String second = TestTokens.user(ada, "ada");

    // each is held against the token it was asked with
    assertThat(answered(adasToken))
        .isNotEqualTo(answered(second))
        .isNotEqualTo(answered(bobsToken));
  }

  @Test
  void shouldSayWhenNothingHasChanged() {
    Response first = given().auth().oauth2(adasToken).get(ME);

    given()
        .auth()
        .oauth2(adasToken)
        .header("If-None-Match", first.header("ETag"))
        .get(ME)
        .then()
        .statusCode(304)
        .header("Cache-Control", equalTo("private, no-cache"))
        .body(emptyString());
  }

  @Test
  void shouldShowPeopleWhatTheyHaveJustDone() {
    String adas = answered(adasToken);
    String bobs = answered(bobsToken);

    given().auth().oauth2(adasToken).body("{}").put(ME).then().statusCode(200);

    assertThat(answered(adasToken)).isNotEqualTo(adas);
    assertThat(answered(bobsToken)).isEqualTo(bobs);
  }

  @Test
  void shouldAskAgainAfterALogOutAtOnce() {
    String first = answered(adasToken);

    given().auth().oauth2(adasToken).post("/api/v1/auth/logout").then().statusCode(200);

    assertThat(answered(adasToken)).isNotEqualTo(first);
  }

  @Test
  void shouldForgetAllWhenAnAdministratorActs() {
    String first = answered(adasToken);

    given()
        .auth()
        .oauth2(TestTokens.admin(UUID.randomUUID(), "root"))
        .post("/api/v1/admin/users/" + ada + "/ban")
        .then()
        .statusCode(200);

    assertThat(answered(adasToken)).isNotEqualTo(first);
  }

  @Test
  void shouldForgetNothingWhenAnAdministratorsRequestIsRefused() {
    String first = answered(adasToken);

    given().post("/api/v1/admin/users/" + ada + "/ban?fail=x").then().statusCode(418);

    assertThat(answered(adasToken)).isEqualTo(first);
  }

  @Test
  void shouldForgetAllWhenARefreshTokenIsRefused() {
    String first = answered(adasToken);

    given().body("{}").post("/api/v1/auth/refresh").then().statusCode(200);
    assertThat(answered(adasToken)).isEqualTo(first);
    given().body("{}").post("/api/v1/auth/refresh?fail=x").then().statusCode(418);

    assertThat(answered(adasToken)).isNotEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "user.changed",
        "agent.changed",
        "submission.created",
        "submission.activated",
        "match.finished",
        "rating.changed"
      })
  void shouldDropWhatAnEventIsAbout(String topic) {
    // Given
    String adas = answered(adasToken);
    String bobs = answered(bobsToken);

    // When: the example's Ada is ours; other people are in it as well
    events.publish(
        topic,
        "key",
        "org.rlarena." + topic + ".v1",
        Contract.example(topic + ".v1")
            .replace("0b6f7c1e-6a53-4a5e-9d0c-3f1f6f0c9a11", ada.toString()));

    // Then
    await().untilAsserted(() -> assertThat(answered(adasToken)).isNotEqualTo(adas));
    assertThat(answered(bobsToken)).isEqualTo(bobs);
  }

  @Test
  void shouldDropAllWhenAnEventDoesNotSayWhomItIsAbout() {
    String bobs = answered(bobsToken);

    events.publish(
        "agent.changed",
        "key",
        "org.rlarena.agent.deleted.v1",
        Contract.example("agent.deleted.v1"));

    await().untilAsserted(() -> assertThat(answered(bobsToken)).isNotEqualTo(bobs));
  }

  @Test
  void shouldKeepNothingForARevokedToken() {
    // Given
    String[] jti = new String[1];
    String token =
        TestTokens.user(
            ada, "ada", (JwtClaims claims) -> jti[0] = (String) claims.getClaimValue("jti"));
    String other = TestTokens.user(ada, "ada");
    String first = answered(token);

    // When
    events.publish(
        "user.changed",
        ada.toString(),
        "org.rlarena.user.changed.v1",
        Contract.exampleNode("user.changed.v1")
            .put("userId", ada.toString())
            .toString()
            .replace("4b1f9b1e-0000-4000-8000-000000000001", jti[0]));

    // Then: each request with it is auth-service's to refuse, and the user's other token is not
    // hurt
    await().untilAsserted(() -> assertThat(answered(token)).isNotEqualTo(first));
    assertThat(answered(token)).isNotEqualTo(answered(token));
    assertThat(answered(other)).isEqualTo(answered(other));
  }

  @Test
  void shouldLeaveTokensThatAreNotSoundToAuthService() {
    String expired = TestTokens.expired(ada, "ada");

    assertThat(answered(expired)).isNotEqualTo(answered(expired));
  }

  @Test
  void shouldNotKeepWhatLacksAPart() {
    String partial;
    try {
      given().get(authService.resolve("/control/ratings/broken")).then().statusCode(200);
      assertThat(me(adasToken).getBoolean("partial")).isTrue();
      partial = answered(adasToken);
    } finally {
      given().get(authService.resolve("/control/ratings/mended")).then().statusCode(200);
    }

    assertThat(answered(adasToken)).isNotEqualTo(partial);
    assertThat(me(adasToken).getInt("stats.totalWins")).isEqualTo(21);
  }
}
