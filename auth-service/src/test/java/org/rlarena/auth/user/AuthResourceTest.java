package org.rlarena.auth.user;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.auth.Service;

@QuarkusTest
@Service
class AuthResourceTest {

  @Test
  void shouldAnswerRegistrationWithTokenAndUser() throws Exception {
    // Given
    String name = AccountFixture.freshName();

    // When
    var answer = AccountFixture.registered(name);

    // Then
    assertThat(answer.getString("user.username")).isEqualTo(name);
    assertThat(answer.getString("user.fullName")).isEqualTo("Ada");
    assertThat(answer.getMap("user")).containsKey("avatarUrl");
    JsonNode claims = claims(answer.getString("token"));
    assertThat(claims.get("sub").asText()).isEqualTo(answer.getString("user.id"));
    assertThat(claims.get("userId").asText()).isEqualTo(answer.getString("user.id"));
    assertThat(claims.get("username").asText()).isEqualTo(name);
    assertThat(claims.get("email").asText()).isEqualTo(name + "@example.org");
    assertThat(claims.get("typ").asText()).isEqualTo("access");
    assertThat(claims.get("exp").asLong() - claims.get("iat").asLong()).isEqualTo(24 * 3600);
  }

  @ParameterizedTest
  @ValueSource(strings = {"[]", "7", "{\"password\":[\"long enough\"]}", "{\"username\":{}}"})
  void shouldRefuseJsonItCannotReadInWordsOfItsOwn(String body) {
    // When
    var answer = given().contentType(ContentType.JSON).body(body).post("/api/v1/auth/register");

    // Then
    answer
        .then()
        .statusCode(400)
        .contentType("application/problem+json")
        .body("code", equalTo("invalid_body"), "detail", not(containsString("java")));
  }

  @Test
  void shouldRefuseNameThatDiffersByCaseAlone() {
    // Given
    String name = AccountFixture.freshName();
    AccountFixture.registered(name);

    // When
    var again =
        given()
            .contentType(ContentType.JSON)
            .body(AccountFixture.registration(name.toUpperCase(Locale.ROOT)))
            .post("/api/v1/auth/register");

    // Then
    again
        .then()
        .statusCode(409)
        .contentType("application/problem+json")
        .body("code", equalTo("user_exists"), "detail", containsString("exists already"));
  }

  @Test
  void shouldOpenOneAccountWhenTwentyAskForTheSameName() throws Exception {
    // Given
    Map<String, Object> registration = AccountFixture.registration(AccountFixture.freshName());
    Callable<Integer> attempt =
        () ->
            given()
                .contentType(ContentType.JSON)
                .body(registration)
                .post("/api/v1/auth/register")
                .statusCode();

    // When
    List<Integer> statuses;
    try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
      List<Future<Integer>> answers =
          pool.invokeAll(IntStream.range(0, 20).mapToObj(i -> attempt).toList());
      statuses = answers.stream().map(Future::resultNow).toList();
    }

    // Then
    assertThat(statuses).containsOnly(201, 409).containsOnlyOnce(201);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{",
        "{\"username\":7}",
        "{\"username\":{},\"email\":[],\"password\":1}",
        "{\"username\":\"ab\",\"email\":\"a@example.org\",\"password\":\"longenough\"}",
        "{\"username\":\"   \",\"email\":\"a@example.org\",\"password\":\"longenough\"}",
        "{\"username\":\"abc\",\"email\":\"nobody\",\"password\":\"longenough\"}",
        "{\"username\":\"abc\",\"email\":\"a@example.org*\",\"password\":\"longenough\"}",
        "{\"username\":\"abc\",\"email\":\"a@exa_mple.org\",\"password\":\"longenough\"}",
        "{\"username\":\"abc\",\"email\":\"a@example.org\",\"password\":\"short\"}",
        "{\"username\":\"abc\",\"email\":\"a@example.org\",\"password\":null}",
        "{\"username\":\"a\\u0000bc\",\"email\":\"a@example.org\",\"password\":\"longenough\"}",
        "{\"username\":\"abc\",\"email\":\"a@example.org\",\"password\":\"longenough\",\"fullName\":\"\\u0000\"}",
      })
  void shouldRefuseMalformedRegistration(String body) {
    given()
        .contentType(ContentType.JSON)
        .body(body)
        .post("/api/v1/auth/register")
        .then()
        .statusCode(400)
        .contentType("application/problem+json")
        .body("status", equalTo(400));
  }

  @Test
  void shouldCompareLongPasswordsToTheirLastCharacter() {
    // Given a password beyond the 72 bytes at which some hashes stop reading
    String name = AccountFixture.freshName();
    String password = "Ä 9".repeat(60);
    Map<String, Object> registration = new HashMap<>(AccountFixture.registration(name));
    registration.put("password", password);
    given()
        .contentType(ContentType.JSON)
        .body(registration)
        .post("/api/v1/auth/register")
        .then()
        .statusCode(201);

    // When / Then
    for (String other :
        List.of(
            password.substring(0, 179), password + " ", password.toLowerCase(), " " + password)) {
      AccountFixture.logIn(name, Map.of("password", other)).then().statusCode(401);
    }
    AccountFixture.logIn(name, Map.of("password", password)).then().statusCode(200);
  }

  @Test
  void shouldLogInByEmailAndByUsername() {
    // Given
    String name = AccountFixture.freshName();
    AccountFixture.registered(name);

    for (Map<String, String> login :
        List.of(
            Map.of("email", name + "@EXAMPLE.org", "password", AccountFixture.PASSWORD),
            Map.of("username", name, "password", AccountFixture.PASSWORD))) {
      // When
      var answer = given().contentType(ContentType.JSON).body(login).post("/api/v1/auth/login");

      // Then
      answer.then().statusCode(200).body("user.username", equalTo(name)).body("$", hasKey("token"));
    }
  }

  @Test
  void shouldNotTellUnknownAccountFromWrongPassword() {
    // Given
    String name = AccountFixture.freshName();
    AccountFixture.registered(name);

    // When
    String wrongPassword = refusedLogin(name + "@example.org");
    String unknown = refusedLogin("nobody-" + name + "@example.org");

    // Then
    assertThat(unknown).isEqualTo(wrongPassword);
  }

  @Test
  void shouldShowProfileToItsOwnerAlone() {
    // Given
    String name = AccountFixture.freshName();
    String token = AccountFixture.registered(name).getString("token");

    // When
    var anonymous = given().get("/api/v1/users/me");
    var forged = given().auth().oauth2(token + "x").get("/api/v1/users/me");
    var owner = given().auth().oauth2(token).get("/api/v1/users/me");

    // Then
    anonymous.then().statusCode(401);
    forged.then().statusCode(401);
    owner
        .then()
        .statusCode(200)
        .body("user.username", equalTo(name), "user.avatarUrl", nullValue())
        .body("user", not(hasKey("passwordHash")));
  }

  @Test
  void shouldOverwriteProfile() {
    // Given
    String token = AccountFixture.registered(AccountFixture.freshName()).getString("token");

    // When
    var answer =
        given()
            .auth()
            .oauth2(token)
            .contentType(ContentType.JSON)
            .body(Map.of("avatarUrl", "https://example.org/a.png"))
            .put("/api/v1/users/me");

    // Then
    answer
        .then()
        .statusCode(200)
        .body("user.fullName", equalTo(""), "user.avatarUrl", equalTo("https://example.org/a.png"));
  }

  @Test
  void shouldRefuseAddressThatIsNoLink() {
    String token = AccountFixture.registered(AccountFixture.freshName()).getString("token");

    given()
        .auth()
        .oauth2(token)
        .contentType(ContentType.JSON)
        .body(Map.of("avatarUrl", "javascript:alert(1)"))
        .put("/api/v1/users/me")
        .then()
        .statusCode(400);
  }

  private static String refusedLogin(String email) {
    return given()
        .contentType(ContentType.JSON)
        .body(Map.of("email", email, "password", "not the password"))
        .post("/api/v1/auth/login")
        .then()
        .statusCode(401)
        .body("code", equalTo("invalid_credentials"))
        .extract()
        .asString();
  }

  private static JsonNode claims(String token) throws Exception {
    byte[] payload = Base64.getUrlDecoder().decode(token.split("\\.")[1]);
    return new ObjectMapper().readTree(new String(payload, StandardCharsets.UTF_8));
  }
}
