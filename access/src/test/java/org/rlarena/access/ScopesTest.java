package org.rlarena.access;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.specification.RequestSpecification;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.rlarena.access.testing.TestTokens;

@QuarkusTest
@ServiceOfTest
class ScopesTest {

  private final UUID ada = UUID.randomUUID();

  @Test
  void shouldLetProgramDoWhatItsScopesSay() {
    assertThat(with("read").get("/door/user").asString()).isEqualTo(ada + " ada");
    assertThat(with("agents:write").post("/door/agents").asString()).isEqualTo(ada.toString());
    assertThat(with("read agents:write matches:write").get("/door/user").statusCode())
        .isEqualTo(200);
  }

  @Test
  void shouldRefuseWhatIsBeyondTheScopes() {
    with("agents:write")
        .get("/door/user")
        .then()
        .statusCode(403)
        .contentType("application/problem+json")
        .header("WWW-Authenticate", containsString("scope=\"read\""))
        .body("code", equalTo("insufficient_scope"), "detail", containsString("scope read"));
    for (String scopes :
        new String[] {"read", "", " ", "agents:write2", "AGENTS:WRITE", "user admin"}) {
      with(scopes)
          .post("/door/agents")
          .then()
          .statusCode(403)
          .body("code", equalTo("insufficient_scope"));
    }
  }

  @Test
  void shouldCloseToProgramsWhatNobodyAnnotatedAndWhatIsForPeople() {
    RequestSpecification all = with("read agents:write submissions:write matches:write");

    all.post("/door/forgotten").then().statusCode(403).body("code", equalTo("insufficient_scope"));
    all.get("/door/account").then().statusCode(403).body("code", equalTo("insufficient_scope"));
    all.get("/door/admin").then().statusCode(403).body("code", equalTo("forbidden"));
    all.get("/door/internal").then().statusCode(403);
  }

  @Test
  void shouldNotLetScopeNamesBecomeRoles() {
    for (String scopes : new String[] {"agent:read", "admin", "user admin agent:read"}) {
      assertThat(with(scopes).get("/door/admin").statusCode()).isEqualTo(403);
      assertThat(with(scopes).get("/door/internal").statusCode()).isEqualTo(403);
    }
  }

  @Test
  void shouldNotAskPeopleForScopes() {
    String user = TestTokens.user(ada, "ada");

    for (String path : new String[] {"/door/agents", "/door/forgotten"}) {
      assertThat(given().auth().oauth2(user).post(path).statusCode()).isEqualTo(200);
    }
    assertThat(given().auth().oauth2(user).get("/door/account").statusCode()).isEqualTo(200);
  }

  @Test
  void shouldShowThePublicPartToProgramsThatMayNotRead() {
    assertThat(with("read").get("/door/public").asString()).isEqualTo(ada.toString());
    assertThat(with("agents:write").get("/door/public").asString()).isEqualTo("nobody");
    assertThat(with("agents:write").post("/door/public").statusCode()).isEqualTo(200);
  }

  @Test
  void shouldRefuseProgramWithoutScopesAtAll() {
    String token = TestTokens.user(ada, "ada", claims -> claims.setClaim("typ", "api"));

    assertThat(given().auth().oauth2(token).get("/door/user").statusCode()).isEqualTo(401);
  }

  private RequestSpecification with(String scopes) {
    return given().auth().oauth2(TestTokens.api(ada, "ada", scopes));
  }
}
