package org.rlarena.auth.user;

import static io.restassured.RestAssured.given;

import io.restassured.http.ContentType;
import io.restassured.path.json.JsonPath;
import java.util.Map;
import java.util.UUID;

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
}
