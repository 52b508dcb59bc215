package org.rlarena.auth.user;

import static io.restassured.RestAssured.given;
import static java.time.Duration.ofSeconds;
import static org.awaitility.Awaitility.await;

import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.rlarena.auth.AuthSetup;

/** Accounts as a client opens them. */
public final class AccountFixture {

  public static final String PASSWORD = "correct horse battery";

  private AccountFixture() {}

  /** A name nobody has used. */
  public static String freshName() {
    return "u" + UUID.randomUUID().toString().replace("-", "").substring(0, 20);
  }

  /** Registers a user and returns the answer. */
  public static JsonPath registered(String name) {
    return given()
        .contentType(ContentType.JSON)
        .body(registration(name))
        .post("/api/v1/auth/register")
        .then()
        .statusCode(201)
        .extract()
        .jsonPath();
  }

  public static Map<String, Object> registration(String name) {
    return Map.of(
        "username", name, "email", name + "@example.org", "password", PASSWORD, "fullName", "Ada");
  }

  /** Registers a user with a refresh token and returns the answer. */
  public static JsonPath renewable(String name) {
    return post("/api/v1/auth/register", with(registration(name), "refresh", true))
        .then()
        .statusCode(201)
        .extract()
        .jsonPath();
  }

  /** Logs in with the password of {@link #registration}. */
  public static Response logIn(String name, Map<String, Object> more) {
    Map<String, Object> login = new HashMap<>(more);
    login.putIfAbsent("email", name + "@example.org");
    login.putIfAbsent("password", PASSWORD);
    return post("/api/v1/auth/login", login);
  }

  /** A token of the administrator that the configuration names. */
  public static String adminToken() {
    return await()
        .atMost(ofSeconds(60))
        .until(
            () ->
                logIn("root", Map.of("password", AuthSetup.ADMIN_PASSWORD))
                    .jsonPath()
                    .getString("token"),
            Objects::nonNull);
  }

  /** Presents a refresh token. */
  public static Response refresh(String refreshToken) {
    return post("/api/v1/auth/refresh", Map.of("refreshToken", refreshToken));
  }

  /** Status of the own profile with this token. */
  public static int profile(String token) {
    return given().auth().oauth2(token).get("/api/v1/users/me").statusCode();
  }

  /** A call with a token and a body. */
  public static Response put(String path, String token, Map<String, ?> body) {
    return given().auth().oauth2(token).contentType(ContentType.JSON).body(body).put(path);
  }

  private static Response post(String path, Map<String, ?> body) {
    return given().contentType(ContentType.JSON).body(body).post(path);
  }

  private static Map<String, Object> with(Map<String, Object> map, String key, Object value) {
    Map<String, Object> more = new HashMap<>(map);
    more.put(key, value);
    return more;
  }
}
