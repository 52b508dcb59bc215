package org.rlarena.auth.apitoken;

import static io.restassured.RestAssured.given;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.auth.MovableClock;
import org.rlarena.auth.Service;
import org.rlarena.auth.user.AccountFixture;

@QuarkusTest
@Service
class ApiTokenTest {

  private static final String TOKENS = "/api/v1/users/me/tokens";

  @Inject MovableClock clock;

  private final String name = AccountFixture.freshName();

  @AfterEach
  void resetClock() {
    clock.reset();
  }

  @Test
  void shouldShowSecretOnce() {
    // Given
    String user = AccountFixture.registered(name).getString("token");

    // When
    JsonPath created = created(user, "read", "agents:write");
    Response list = given().auth().oauth2(user).get(TOKENS);

    // Then
    String secret = created.getString("secret");
    assertThat(secret).startsWith("rla_pat_").hasSize(8 + 43);
    list.then()
        .statusCode(200)
        .body("total", equalTo(1), "apiTokens[0].name", equalTo("bot"))
        .body("apiTokens[0].scopes", equalTo(List.of("read", "agents:write")))
        .body("apiTokens[0].hint", equalTo("rla_pat_..." + secret.substring(secret.length() - 4)))
        .body("apiTokens[0]", not(hasKey("lastUsedAt")));
    assertThat(list.asString()).doesNotContain(secret);
  }

  @Test
  void shouldExchangeForShortTokenWithItsScopes() {
    // Given
    String user = AccountFixture.registered(name).getString("token");
    String reader = created(user, "read").getString("secret");
    String writer = created(user, "agents:write").getString("secret");

    // When
    JsonPath mayRead = exchanged(reader);
    JsonPath mayNot = exchanged(writer);

    // Then
    given()
        .auth()
        .oauth2(mayRead.getString("token"))
        .get("/api/v1/users/me")
        .then()
        .statusCode(200)
        .body("user.username", equalTo(name));
    given()
        .auth()
        .oauth2(mayNot.getString("token"))
        .get("/api/v1/users/me")
        .then()
        .statusCode(403)
        .body("code", equalTo("insufficient_scope"));
    assertThat(mayRead.getList("scopes")).containsExactly("read");
  }

  @Test
  void shouldNotLetProgramTouchTheAccount() {
    // Given
    String user = AccountFixture.registered(name).getString("token");
    String program =
        exchanged(
                created(user, "read", "agents:write", "submissions:write", "matches:write")
                    .getString("secret"))
            .getString("token");

    // Then
    for (String path : List.of(TOKENS, "/api/v1/users/me/sessions")) {
      refusedAsProgram(given().auth().oauth2(program).get(path));
    }
    refusedAsProgram(AccountFixture.put("/api/v1/users/me", program, Map.of("fullName", "Bot")));
    refusedAsProgram(
        AccountFixture.put("/api/v1/users/me/username", program, Map.of("username", name + "b")));
    refusedAsProgram(given().auth().oauth2(program).delete("/api/v1/users/me"));
    refusedAsProgram(given().auth().oauth2(program).post("/api/v1/auth/logout"));
    refusedAsProgram(create(program, Map.of("name", "another", "scopes", List.of("read"))));
  }

  @Test
  void shouldEndWithWhatItWasExchangedForWhenRevoked() {
    // Given
    String user = AccountFixture.registered(name).getString("token");
    JsonPath created = created(user, "read");
    JsonPath other = created(user, "read");
    String token = exchanged(created.getString("secret")).getString("token");
    String otherToken = exchanged(other.getString("secret")).getString("token");

    // When
    given()
        .auth()
        .oauth2(user)
        .delete(TOKENS + "/" + created.getString("apiToken.id"))
        .then()
        .statusCode(204);

    // Then
    invalid(created.getString("secret"));
    await()
        .atMost(ofSeconds(60))
        .untilAsserted(() -> assertThat(AccountFixture.profile(token)).isEqualTo(401));
    assertThat(AccountFixture.profile(otherToken)).isEqualTo(200);
    given()
        .auth()
        .oauth2(user)
        .delete(TOKENS + "/" + created.getString("apiToken.id"))
        .then()
        .statusCode(404)
        .body("code", equalTo("token_not_found"));
  }

  @Test
  void shouldExpire() {
    // Given
    String user = AccountFixture.registered(name).getString("token");
    String secret =
        create(user, Map.of("name", "short", "scopes", List.of("read"), "expiresInDays", 1))
            .jsonPath()
            .getString("secret");
    exchanged(secret);

    // When
    clock.advance(Duration.ofDays(1).plusSeconds(1));

    // Then
    invalid(secret);
  }

  @Test
  void shouldDieWithTheAccount() {
    // Given
    String user = AccountFixture.registered(name).getString("token");
    String secret = created(user, "read").getString("secret");

    // When
    given().auth().oauth2(user).delete("/api/v1/users/me").then().statusCode(204);

    // Then
    invalid(secret);
  }

  @Test
  void shouldNotRevokeTokensOfOthers() {
    // Given
    String owner = AccountFixture.registered(name).getString("token");
    JsonPath created = created(owner, "read");
    String stranger = AccountFixture.registered(AccountFixture.freshName()).getString("token");

    // When
    for (String id : List.of(created.getString("apiToken.id"), UUID.randomUUID().toString(), "x")) {
      given()
          .auth()
          .oauth2(stranger)
          .delete(TOKENS + "/" + id)
          .then()
          .statusCode(404)
          .body("code", equalTo("token_not_found"));
    }

    // Then
    exchanged(created.getString("secret"));
  }

  @Test
  void shouldLimitHowManyAUserHas() {
    // Given
    String user = AccountFixture.registered(name).getString("token");
    for (int i = 0; i < 50; i++) {
      created(user, "read");
    }

    // When
    Response oneMore = create(user, Map.of("name", "bot", "scopes", List.of("read")));

    // Then
    oneMore
        .then()
        .statusCode(409)
        .body("code", equalTo("token_limit_reached"), "detail", containsString("50"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"name\":\"bot\",\"scopes\":[]}",
        "{\"name\":\"bot\",\"scopes\":[\"admin\"]}",
        "{\"name\":\"bot\",\"scopes\":[\"read\",null]}",
        "{\"name\":\"bot\",\"scopes\":[\"read agents:write\"]}",
        "{\"name\":\"bot\",\"scopes\":\"read\"}",
        "{\"name\":\" \",\"scopes\":[\"read\"]}",
        "{\"name\":\"a\\u0000\",\"scopes\":[\"read\"]}",
        "{\"name\":\"bot\",\"scopes\":[\"read\"],\"expiresInDays\":0}",
        "{\"name\":\"bot\",\"scopes\":[\"read\"],\"expiresInDays\":366}",
        "{\"name\":\"bot\",\"scopes\":[\"read\"],\"expiresInDays\":99999999999}",
        "{\"name\":\"bot\",\"scopes\":[\"read\"],\"expiresInDays\":\"soon\"}"
      })
  void shouldRefuseMalformedToken(String body) {
    String user = AccountFixture.registered(name).getString("token");

    given()
        .auth()
        .oauth2(user)
        .contentType(ContentType.JSON)
        .body(body)
        .post(TOKENS)
        .then()
        .statusCode(400)
        .contentType("application/problem+json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"rla_pat_", "rla_pat_AAAA", "' or 1=1 --", "rla_pat_\u0000", "rla_rt_AAAA", "x"})
  void shouldRefuseUnknownSecret(String secret) {
    invalid(secret);
  }

  @Test
  void shouldNotTakeSecretForToken() {
    String user = AccountFixture.registered(name).getString("token");
    String secret = created(user, "read").getString("secret");

    assertThat(AccountFixture.profile(secret)).isEqualTo(401);
    given().get(TOKENS).then().statusCode(401);
    given().contentType(ContentType.JSON).body("{}").post(TOKENS).then().statusCode(401);
    given().delete(TOKENS + "/" + UUID.randomUUID()).then().statusCode(401);
  }

  private static JsonPath created(String user, String... scopes) {
    return create(user, Map.of("name", "bot", "scopes", List.of(scopes)))
        .then()
        .statusCode(201)
        .header("Cache-Control", "no-store")
        .extract()
        .jsonPath();
  }

  private static Response create(String user, Map<String, ?> body) {
    return given().auth().oauth2(user).contentType(ContentType.JSON).body(body).post(TOKENS);
  }

  private static JsonPath exchanged(String secret) {
    return exchange(secret).then().statusCode(200).extract().jsonPath();
  }

  private static void invalid(String secret) {
    exchange(secret).then().statusCode(401).body("code", equalTo("api_token_invalid"));
  }

  private static Response exchange(String secret) {
    return given()
        .contentType(ContentType.JSON)
        .body(Map.of("apiToken", secret))
        .post("/api/v1/auth/token");
  }

  private static void refusedAsProgram(Response answer) {
    answer.then().statusCode(403).body("code", equalTo("insufficient_scope"));
  }
}
