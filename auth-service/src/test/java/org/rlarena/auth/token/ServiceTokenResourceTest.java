package org.rlarena.auth.token;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import org.junit.jupiter.api.Test;
import org.rlarena.auth.AuthSetup;
import org.rlarena.auth.Service;

@QuarkusTest
@Service
class ServiceTokenResourceTest {

  @Test
  void shouldGrantWhatTheServiceMayDo() {
    ask("submission-service", AuthSetup.SECRET, "agent-service", "agent:read")
        .then()
        .statusCode(200)
        .body("token_type", equalTo("Bearer"), "expires_in", equalTo(300));
  }

  @Test
  void shouldRefuseScopeTheServiceMayNotHave() {
    ask("submission-service", AuthSetup.SECRET, "submission-service", "source:read")
        .then()
        .statusCode(403)
        .body("code", equalTo("unauthorized_client"));
  }

  @Test
  void shouldRefuseWrongSecretAndUnknownService() {
    ask("submission-service", "guessed", "agent-service", "agent:read").then().statusCode(401);
    ask("nobody", AuthSetup.SECRET, "agent-service", "agent:read").then().statusCode(401);
    given().formParam("audience", "agent-service").post("/internal/token").then().statusCode(401);
  }

  @Test
  void shouldNotTakeServiceTokenForUserToken() {
    // Given
    String token =
        ask("submission-service", AuthSetup.SECRET, "agent-service", "agent:read")
            .jsonPath()
            .getString("access_token");

    // When
    Response answer = given().auth().oauth2(token).get("/api/v1/users/me");

    // Then
    answer.then().statusCode(401);
  }

  @Test
  void shouldPublishPublicHalfOfTheKeyAlone() {
    given()
        .get("/.well-known/jwks.json")
        .then()
        .statusCode(200)
        .body("keys", hasSize(1), "keys[0].kty", equalTo("RSA"), "keys[0].alg", equalTo("RS256"))
        .body("keys[0].keySet()", hasSize(6));
  }

  private static Response ask(String service, String secret, String audience, String scope) {
    return given()
        .auth()
        .preemptive()
        .basic(service, secret)
        .formParam("grant_type", "client_credentials")
        .formParam("audience", audience)
        .formParam("scope", scope)
        .post("/internal/token");
  }
}
