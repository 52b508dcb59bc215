package org.rlarena.gateway.profile;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.gateway.FakeServices;

@QuarkusTest
@WithTestResource(FakeServices.class)
class PublicProfileTest {

  private static ValidatableResponse profile(String rawName, String token) {
    var request = given().urlEncodingEnabled(false);
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    return request.get("/api/v1/users/" + rawName).then();
  }

  @Test
  void shouldShowAUserWithTheirAgents() {
    profile("ada", null)
        .statusCode(200)
        .body("user.id", equalTo("u1"))
        .body("user.username", equalTo("ada"))
        .body("user.avatarUrl", nullValue())
        .body("user", not(hasKey("email")))
        .body("agents[0].name", equalTo("Left"))
        .body("agents[0].elo", equalTo(1266))
        .body("totalAgents", equalTo(1))
        .body("$", not(hasKey("partial")));
  }

  @ParameterizedTest
  @CsvSource({"Zo%C3%AB%20x, Zo%C3%AB%20x", "a.b_c-d, a.b_c-d", "%61da, ada", "ada/, ada"})
  void shouldAskForNamesOfAllKindsOfLetters(String rawName, String asked) {
    profile(rawName, null).statusCode(200).body("user.username", equalTo(asked));
  }

  @Test
  void shouldLeaveOutAgentsThatCannotBeAsked() {
    profile("ada", "broken:agent-service")
        .statusCode(200)
        .body("user.username", equalTo("ada"))
        .body("partial", equalTo(true))
        .body("$", not(hasKey("agents")));
  }

  @Test
  void shouldSayWhoIsNotThere() {
    profile("nobody", null)
        .statusCode(404)
        .contentType("application/problem+json")
        .body("code", equalTo("user_not_found"))
        .body("error", equalTo("There is no such user."));
    profile("ada", "slow:auth-service")
        .statusCode(503)
        .body("error", containsString("auth-service"));
    given().head("/api/v1/users/nobody").then().statusCode(404).body(emptyString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ab",
        "..%2f..%2finternal",
        "%2e%2e%2fme",
        "%2e%2e%2f%2e%2e",
        ".hidden",
        "a%00b",
        "a%0d%0ab",
        "a%3fb=c",
        "a%23b",
        "ada%20",
        "%20ada",
        "a/b",
        "%ff%fe%fd",
        "x12345678901234567890123456789012345678901234567890"
      })
  void shouldNotAskForWhatIsNoName(String rawName) {
    profile(rawName, "slow:auth-service").statusCode(404).body("code", equalTo("not_found"));
  }

  @Test
  void shouldKeepOtherMethodsOut() {
    given().body("{}").put("/api/v1/users/ada").then().statusCode(405);
    given().delete("/api/v1/users/ada").then().statusCode(405);
  }
}
