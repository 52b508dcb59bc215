package org.rlarena.auth.user;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.auth.Service;

@QuarkusTest
@Service
class PublicProfileTest {

  private final String name = AccountFixture.freshName();

  @Test
  void shouldShowWhatEverybodyMayKnow() {
    // Given
    String token = AccountFixture.registered(name).getString("token");
    AccountFixture.put(
            "/api/v1/users/me",
            token,
            Map.of("fullName", "Ada Lovelace", "avatarUrl", "https://example.org/ada.png"))
        .then()
        .statusCode(200);

    // When
    Map<String, Object> user = profile(name).then().statusCode(200).extract().path("user");

    // Then
    assertThat(user).containsOnlyKeys("id", "username", "avatarUrl", "createdAt");
    assertThat(user)
        .containsEntry("username", name)
        .containsEntry("avatarUrl", "https://example.org/ada.png");
    profile(name.toUpperCase()).then().statusCode(200).body("user.username", equalTo(name));
  }

  @Test
  void shouldFindNamesOfAllKindsOfLetters() {
    String odd = "Zoë " + AccountFixture.freshName().substring(0, 10) + ".x";
    given()
        .contentType(ContentType.JSON)
        .body(
            Map.of(
                "username",
                odd,
                "email",
                name + "@example.org",
                "password",
                AccountFixture.PASSWORD))
        .post("/api/v1/auth/register")
        .then()
        .statusCode(201);

    profile(odd).then().statusCode(200).body("user.username", equalTo(odd));
  }

  @Test
  void shouldNotShowWhoIsBanned() {
    String id = AccountFixture.registered(name).getString("user.id");
    given()
        .auth()
        .oauth2(AccountFixture.adminToken())
        .contentType(ContentType.JSON)
        .body(Map.of("reason", "spam"))
        .post("/api/v1/admin/users/" + id + "/ban")
        .then()
        .statusCode(200);

    profile(name).then().statusCode(404).body("code", equalTo("user_not_found"));
  }

  @Test
  void shouldNotShowWhoIsDeleted() {
    var registered = AccountFixture.registered(name);
    given()
        .auth()
        .oauth2(registered.getString("token"))
        .delete("/api/v1/users/me")
        .then()
        .statusCode(204);

    profile(name).then().statusCode(404);
    profile("deleted-" + registered.getString("user.id")).then().statusCode(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nobody-at-all", "a%00b", "%25", "_", "' or 1=1", "ada@example.org"})
  void shouldSayThatThereIsNoSuchUser(String unknown) {
    profile(unknown.replace("%00", "\0"))
        .then()
        .statusCode(404)
        .contentType("application/problem+json")
        .body("code", equalTo("user_not_found"));
  }

  private static Response profile(String username) {
    return given().get("/api/v1/users/{name}", username);
  }
}
