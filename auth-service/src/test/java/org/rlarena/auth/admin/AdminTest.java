package org.rlarena.auth.admin;

import static io.restassured.RestAssured.given;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.auth.Service;
import org.rlarena.auth.user.AccountFixture;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;

@QuarkusTest
@Service
class AdminTest {

  private static final String USERS = "/api/v1/admin/users";
  private static final String AUDIT = "/api/v1/admin/audit/users";
  private static final Map<String, String> WHY = Map.of("reason", "spam in agent names");

  private final String name = AccountFixture.freshName();
  private String admin;
  private JsonPath account;
  private String id;

  @BeforeEach
  void openAccount() {
    admin = AccountFixture.adminToken();
    account = AccountFixture.renewable(name);
    id = account.getString("user.id");
    // the service fetches its own keys when they are first needed
    await()
        .atMost(ofSeconds(60))
        .untilAsserted(
            () -> assertThat(AccountFixture.profile(account.getString("token"))).isEqualTo(200));
  }

  @Test
  void shouldBanUserEverywhereAndForEveryToken() {
    try (Events events = Events.connect()) {
      // Given
      String secret =
          given()
              .auth()
              .oauth2(account.getString("token"))
              .contentType(ContentType.JSON)
              .body(Map.of("name", "bot", "scopes", List.of("read")))
              .post("/api/v1/users/me/tokens")
              .jsonPath()
              .getString("secret");
      String program =
          exchange(secret).then().statusCode(200).extract().jsonPath().getString("token");

      // When
      post("/ban", WHY).then().statusCode(200).body("user.status", equalTo("banned"));

      // Then
      var event =
          events.await(
              "user.changed",
              e -> e.key().equals(id) && e.data().get("status").asText().equals("banned"));
      Contract.assertMatches(event);
      for (String token : List.of(account.getString("token"), program)) {
        await()
            .atMost(ofSeconds(60))
            .untilAsserted(() -> assertThat(AccountFixture.profile(token)).isEqualTo(401));
      }
      AccountFixture.refresh(account.getString("refreshToken")).then().statusCode(401);
      exchange(secret).then().statusCode(401);
      AccountFixture.logIn(name, Map.of())
          .then()
          .statusCode(403)
          .body("code", equalTo("account_banned"));
      AccountFixture.logIn(name, Map.of("password", "wrong"))
          .then()
          .statusCode(401)
          .body("code", equalTo("invalid_credentials"));
    }
  }

  @Test
  void shouldKeepOldTokensDeadAfterThePardon() {
    // Given
    post("/ban", WHY).then().statusCode(200);
    post("/ban", WHY).then().statusCode(409).body("code", equalTo("already_banned"));
    await()
        .atMost(ofSeconds(60))
        .untilAsserted(
            () -> assertThat(AccountFixture.profile(account.getString("token"))).isEqualTo(401));

    // When
    post("/unban", WHY).then().statusCode(200).body("user.status", equalTo("active"));

    // Then
    String fresh = AccountFixture.logIn(name, Map.of()).jsonPath().getString("token");
    await()
        .atMost(ofSeconds(60))
        .untilAsserted(() -> assertThat(AccountFixture.profile(fresh)).isEqualTo(200));
    assertThat(AccountFixture.profile(account.getString("token"))).isEqualTo(401);
    post("/unban", WHY).then().statusCode(409).body("code", equalTo("not_banned"));
  }

  @Test
  void shouldEndSessionsWithoutABan() {
    // When
    post("/end-sessions", WHY).then().statusCode(200).body("user.status", equalTo("active"));

    // Then
    await()
        .atMost(ofSeconds(60))
        .untilAsserted(
            () -> assertThat(AccountFixture.profile(account.getString("token"))).isEqualTo(401));
    AccountFixture.refresh(account.getString("refreshToken")).then().statusCode(401);
    AccountFixture.logIn(name, Map.of()).then().statusCode(200);
  }

  @Test
  void shouldMakeAndUnmakeAdministrators() {
    // When
    role("admin").then().statusCode(200).body("user.role", equalTo("admin"));

    // Then
    role("admin").then().statusCode(409).body("code", equalTo("role_unchanged"));
    String promoted = AccountFixture.logIn(name, Map.of()).jsonPath().getString("token");
    await()
        .atMost(ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(given().auth().oauth2(promoted).get(AUDIT).statusCode()).isEqualTo(200));

    // When
    role("user").then().statusCode(200);

    // Then
    await()
        .atMost(ofSeconds(60))
        .untilAsserted(
            () ->
                assertThat(given().auth().oauth2(promoted).get(AUDIT).statusCode()).isEqualTo(401));
    String demoted = AccountFixture.logIn(name, Map.of()).jsonPath().getString("token");
    given().auth().oauth2(demoted).get(AUDIT).then().statusCode(403);
  }

  @Test
  void shouldWriteDownWhoDidWhatAndWhy() {
    // Given
    post("/ban", WHY).then().statusCode(200);
    post("/unban", Map.of("reason", "  it was a mistake  ")).then().statusCode(200);

    // When
    JsonPath log =
        given()
            .auth()
            .oauth2(admin)
            .get(AUDIT + "?limit=2")
            .then()
            .statusCode(200)
            .extract()
            .jsonPath();
    JsonPath before =
        given()
            .auth()
            .oauth2(admin)
            .get(AUDIT + "?limit=1&before=" + log.getLong("entries[0].id"))
            .jsonPath();

    // Then
    assertThat(log.getString("entries[0].action")).isEqualTo("user.unbanned");
    assertThat(log.getString("entries[0].reason")).isEqualTo("it was a mistake");
    assertThat(log.getString("entries[1].action")).isEqualTo("user.banned");
    assertThat(log.getString("entries[1].target")).isEqualTo(id);
    assertThat(log.getString("entries[1].adminName")).isEqualTo("root");
    assertThat(log.getString("entries[1].at")).isNotBlank();
    assertThat(before.getLong("entries[0].id")).isEqualTo(log.getLong("entries[1].id"));
  }

  @Test
  void shouldWriteNothingDownWhenNothingWasDone() {
    // Given
    post("/ban", WHY);
    long newest = newest();

    // When
    post("/ban", WHY).then().statusCode(409);
    post("/ban", Map.of("reason", "")).then().statusCode(400);

    // Then
    assertThat(newest()).isEqualTo(newest);
  }

  @Test
  void shouldNotDoItToOneself() {
    String own =
        given().auth().oauth2(admin).get("/api/v1/users/me").jsonPath().getString("user.id");

    call("/" + own + "/ban", WHY).then().statusCode(409).body("code", equalTo("not_yourself"));
    given()
        .auth()
        .oauth2(admin)
        .contentType(ContentType.JSON)
        .body(Map.of("role", "user", "reason", "no more"))
        .put(USERS + "/" + own + "/role")
        .then()
        .statusCode(409)
        .body("code", equalTo("not_yourself"));
  }

  @Test
  void shouldLetAdministratorsAloneIn() {
    for (String what : List.of("/ban", "/unban", "/end-sessions")) {
      given()
          .contentType(ContentType.JSON)
          .body(WHY)
          .post(USERS + "/" + id + what)
          .then()
          .statusCode(401);
      given()
          .auth()
          .oauth2(account.getString("token"))
          .contentType(ContentType.JSON)
          .body(WHY)
          .post(USERS + "/" + id + what)
          .then()
          .statusCode(403);
    }
    for (String path : List.of(USERS, USERS + "/" + id, AUDIT)) {
      given().get(path).then().statusCode(401);
      given().auth().oauth2(account.getString("token")).get(path).then().statusCode(403);
    }
    assertThat(AccountFixture.profile(account.getString("token"))).isEqualTo(200);
  }

  @Test
  void shouldFindUsers() {
    for (String search : List.of(name, name.toUpperCase(), name + "@exam")) {
      given()
          .auth()
          .oauth2(admin)
          .get(USERS + "?search=" + search)
          .then()
          .statusCode(200)
          .body("users", hasSize(1), "users[0].id", equalTo(id), "total", equalTo(1));
    }
    given()
        .auth()
        .oauth2(admin)
        .queryParam("search", "%")
        .get(USERS)
        .then()
        .statusCode(200)
        .body("users", hasSize(0));
    given().auth().oauth2(admin).get(USERS + "/" + id).then().body("user.username", equalTo(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"?page=x", "?pageSize=1.5", "?search=%00"})
  void shouldRefuseStrangeSearch(String query) {
    given()
        .urlEncodingEnabled(false)
        .auth()
        .oauth2(admin)
        .get(USERS + query)
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_parameter"));
  }

  @Test
  void shouldNotFindWhoIsNobody() {
    for (String nobody : List.of(UUID.randomUUID().toString(), "nobody")) {
      call("/" + nobody + "/ban", WHY)
          .then()
          .statusCode(404)
          .body("code", equalTo("user_not_found"));
      given().auth().oauth2(admin).get(USERS + "/" + nobody).then().statusCode(404);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "{}",
        "[]",
        "{",
        "{\"reason\":\"\"}",
        "{\"reason\":\"  a \"}",
        "{\"reason\":null}",
        "{\"reason\":{}}",
        "{\"reason\":\"abc\\u0000\"}"
      })
  void shouldAskWhy(String body) {
    given()
        .auth()
        .oauth2(admin)
        .contentType(ContentType.JSON)
        .body(body)
        .post(USERS + "/" + id + "/ban")
        .then()
        .statusCode(400)
        .contentType("application/problem+json");
  }

  private long newest() {
    return given().auth().oauth2(admin).get(AUDIT + "?limit=1").jsonPath().getLong("entries[0].id");
  }

  private Response post(String what, Map<String, ?> body) {
    return call("/" + id + what, body);
  }

  private Response role(String role) {
    return given()
        .auth()
        .oauth2(admin)
        .contentType(ContentType.JSON)
        .body(Map.of("role", role, "reason", "elected"))
        .put(USERS + "/" + id + "/role");
  }

  private Response call(String path, Map<String, ?> body) {
    return given().auth().oauth2(admin).contentType(ContentType.JSON).body(body).post(USERS + path);
  }

  private static Response exchange(String secret) {
    return given()
        .contentType(ContentType.JSON)
        .body(Map.of("apiToken", secret))
        .post("/api/v1/auth/token");
  }
}
