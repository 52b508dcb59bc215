package org.rlarena.auth.user;

import static io.restassured.RestAssured.given;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlarena.auth.Service;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;

@QuarkusTest
@Service
class CredentialsTest {

  private static final String NEW_PASSWORD = "another horse, another battery";

  private final String name = AccountFixture.freshName();

  @Test
  void shouldEndEverySessionWhenThePasswordChanges() {
    // Given: three log-ins, perhaps within the second of the change
    String caller = AccountFixture.registered(name).getString("token");
    String elsewhere = AccountFixture.logIn(name, Map.of()).jsonPath().getString("token");
    JsonPath renewable = AccountFixture.logIn(name, Map.of("refresh", true)).jsonPath();

    // When
    JsonPath answer =
        AccountFixture.put(
                "/api/v1/users/me/password", caller, newPassword(AccountFixture.PASSWORD))
            .then()
            .statusCode(200)
            .extract()
            .jsonPath();

    // Then
    for (String old : List.of(caller, elsewhere, renewable.getString("token"))) {
      await()
          .atMost(ofSeconds(60))
          .untilAsserted(() -> assertThat(AccountFixture.profile(old)).isEqualTo(401));
    }
    assertThat(AccountFixture.profile(answer.getString("token"))).isEqualTo(200);
    AccountFixture.refresh(renewable.getString("refreshToken")).then().statusCode(401);
    AccountFixture.logIn(name, Map.of()).then().statusCode(401);
    AccountFixture.logIn(name, Map.of("password", NEW_PASSWORD)).then().statusCode(200);
  }

  @Test
  void shouldKeepTheKindOfTheSessionWhenThePasswordChanges() {
    // Given
    String caller = AccountFixture.renewable(name).getString("token");

    // When
    JsonPath answer =
        AccountFixture.put(
                "/api/v1/users/me/password", caller, newPassword(AccountFixture.PASSWORD))
            .jsonPath();

    // Then
    AccountFixture.refresh(answer.getString("refreshToken")).then().statusCode(200);
  }

  @Test
  void shouldAskForTheOldPassword() {
    String caller = AccountFixture.registered(name).getString("token");

    AccountFixture.put("/api/v1/users/me/password", caller, newPassword("not the password"))
        .then()
        .statusCode(403)
        .body("code", equalTo("wrong_password"));
    AccountFixture.put(
            "/api/v1/users/me/email",
            caller,
            Map.of("email", "new-" + name + "@example.org", "currentPassword", "not the password"))
        .then()
        .statusCode(403)
        .body("code", equalTo("wrong_password"));
    AccountFixture.logIn(name, Map.of()).then().statusCode(200);
  }

  @Test
  void shouldLogInWithTheNewAddressAlone() {
    // Given
    String caller = AccountFixture.registered(name).getString("token");

    // When
    AccountFixture.put(
            "/api/v1/users/me/email",
            caller,
            Map.of(
                "email",
                "new-" + name + "@example.org",
                "currentPassword",
                AccountFixture.PASSWORD))
        .then()
        .statusCode(200)
        .body("user.email", equalTo("new-" + name + "@example.org"));

    // Then
    AccountFixture.logIn("new-" + name, Map.of()).then().statusCode(200);
    AccountFixture.logIn(name, Map.of()).then().statusCode(401);
  }

  @Test
  void shouldTellOthersOfTheNewUsername() {
    try (Events events = Events.connect()) {
      // Given
      JsonPath account = AccountFixture.registered(name);

      // When
      AccountFixture.put(
              "/api/v1/users/me/username",
              account.getString("token"),
              Map.of("username", name + "x"))
          .then()
          .statusCode(200)
          .body("user.username", equalTo(name + "x"));

      // Then
      String id = account.getString("user.id");
      var event =
          events.await(
              "user.changed", e -> e.key().equals(id) && e.data().get("sequence").asLong() == 2);
      Contract.assertMatches(event);
      assertThat(event.data().get("username").asText()).isEqualTo(name + "x");
      assertThat(AccountFixture.profile(account.getString("token"))).isEqualTo(200);
    }
  }

  @Test
  void shouldRefuseNameAndAddressOfSomebodyElse() {
    String other = AccountFixture.freshName();
    AccountFixture.registered(other);
    String caller = AccountFixture.registered(name).getString("token");

    AccountFixture.put("/api/v1/users/me/username", caller, Map.of("username", other.toUpperCase()))
        .then()
        .statusCode(409)
        .body("code", equalTo("user_exists"));
    AccountFixture.put(
            "/api/v1/users/me/email",
            caller,
            Map.of("email", other + "@Example.org", "currentPassword", AccountFixture.PASSWORD))
        .then()
        .statusCode(409)
        .body("code", equalTo("user_exists"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "password | {}",
        "password | {\"currentPassword\":\"x\",\"newPassword\":\"short\"}",
        "password | {\"currentPassword\":\"x\",\"newPassword\":[]}",
        "password | {\"currentPassword\":\"\\u0000\",\"newPassword\":\"long enough\"}",
        "email | {\"email\":\"nobody\",\"currentPassword\":\"x\"}",
        "email | {\"email\":\"a@example.org\"}",
        "username | {\"username\":\"ab\"}",
        "username | {\"username\":\"a\\u0000bc\"}",
        "username | {\"username\":null}",
        "username | null",
      })
  void shouldRefuseMalformedChange(String what, String body) {
    String caller = AccountFixture.registered(name).getString("token");

    given()
        .auth()
        .oauth2(caller)
        .contentType("application/json")
        .body(body)
        .put("/api/v1/users/me/" + what)
        .then()
        .statusCode(400)
        .contentType("application/problem+json");
  }

  @Test
  void shouldShowAndEndOwnSessions() {
    // Given
    String caller = AccountFixture.registered(name).getString("token");
    String tablet =
        given()
            .header("X-Forwarded-For", "198.51.100.7")
            .header("User-Agent", "Tablet/1.0")
            .contentType("application/json")
            .body(Map.of("email", name + "@example.org", "password", AccountFixture.PASSWORD))
            .post("/api/v1/auth/login")
            .jsonPath()
            .getString("token");
    String phone = AccountFixture.logIn(name, Map.of()).jsonPath().getString("token");
    JsonPath list = sessions(caller);
    String tabletId = list.getString("sessions.find { it.userAgent == 'Tablet/1.0' }.id");

    // When
    int ended =
        given().auth().oauth2(caller).delete("/api/v1/users/me/sessions/" + tabletId).statusCode();

    // Then
    assertThat(list.getList("sessions")).hasSize(3);
    assertThat(list.getList("sessions.findAll { it.current }")).hasSize(1);
    assertThat(list.getString("sessions.find { it.userAgent == 'Tablet/1.0' }.address"))
        .isEqualTo("198.51.100.7");
    assertThat(ended).isEqualTo(204);
    await()
        .atMost(ofSeconds(60))
        .untilAsserted(() -> assertThat(AccountFixture.profile(tablet)).isEqualTo(401));
    assertThat(AccountFixture.profile(phone)).isEqualTo(200);

    // When all others go
    given().auth().oauth2(caller).delete("/api/v1/users/me/sessions").then().statusCode(204);

    // Then
    await()
        .atMost(ofSeconds(60))
        .untilAsserted(() -> assertThat(AccountFixture.profile(phone)).isEqualTo(401));
    assertThat(sessions(caller).getList("sessions.current")).containsExactly(true);
  }

  @Test
  void shouldEndTheSessionUsedLeastLatelyWhenThereAreTooMany() {
    // Given: six, which is all the tests' configuration allows
    String first = AccountFixture.registered(name).getString("token");
    String second = AccountFixture.logIn(name, Map.of()).jsonPath().getString("token");
    for (int i = 2; i < 6; i++) {
      AccountFixture.logIn(name, Map.of()).then().statusCode(200);
    }

    // When
    AccountFixture.logIn(name, Map.of()).then().statusCode(200);

    // Then
    await()
        .atMost(ofSeconds(60))
        .untilAsserted(() -> assertThat(AccountFixture.profile(first)).isEqualTo(401));
    assertThat(AccountFixture.profile(second)).isEqualTo(200);
    assertThat(sessions(second).getList("sessions")).hasSize(6);
  }

  @Test
  void shouldNotEndSessionsOfOthers() {
    // Given
    String caller = AccountFixture.registered(name).getString("token");
    String victim = AccountFixture.registered(AccountFixture.freshName()).getString("token");
    String id = sessions(victim).getString("sessions[0].id");

    for (String wrong : List.of(id, UUID.randomUUID().toString(), "nothing")) {
      // When
      var answer = given().auth().oauth2(caller).delete("/api/v1/users/me/sessions/" + wrong);

      // Then
      answer.then().statusCode(404).body("code", equalTo("session_not_found"));
    }
    assertThat(AccountFixture.profile(victim)).isEqualTo(200);
  }

  @Test
  void shouldEndTheWholeSessionAtLogOut() {
    // Given
    JsonPath first = AccountFixture.renewable(name);
    JsonPath second = AccountFixture.refresh(first.getString("refreshToken")).jsonPath();

    // When
    given()
        .auth()
        .oauth2(second.getString("token"))
        .post("/api/v1/auth/logout")
        .then()
        .statusCode(204);

    // Then
    AccountFixture.refresh(second.getString("refreshToken")).then().statusCode(401);
    for (JsonPath pair : List.of(first, second)) {
      await()
          .atMost(ofSeconds(60))
          .untilAsserted(
              () -> assertThat(AccountFixture.profile(pair.getString("token"))).isEqualTo(401));
    }
  }

  @Test
  void shouldAskForATokenEverywhere() {
    for (String path : List.of("password", "email", "username")) {
      given()
          .contentType("application/json")
          .body("{}")
          .put("/api/v1/users/me/" + path)
          .then()
          .statusCode(401);
    }
    given().get("/api/v1/users/me/sessions").then().statusCode(401);
    given().delete("/api/v1/users/me/sessions").then().statusCode(401);
    given().delete("/api/v1/users/me/sessions/" + UUID.randomUUID()).then().statusCode(401);
  }

  private static JsonPath sessions(String token) {
    return given()
        .auth()
        .oauth2(token)
        .get("/api/v1/users/me/sessions")
        .then()
        .statusCode(200)
        .body("sessions.current", hasItem(true), "total", org.hamcrest.Matchers.greaterThan(0))
        .extract()
        .jsonPath();
  }

  private static Map<String, String> newPassword(String current) {
    return Map.of("currentPassword", current, "newPassword", NEW_PASSWORD);
  }
}
