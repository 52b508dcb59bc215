package org.rlarena.agent.agents;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.agent.ServiceTest;

@QuarkusTest
class AgentResourceTest extends ServiceTest {

  private static final String AGENTS = "/api/v1/agents";
  private final User ada = User.fresh();
  private final User bob = User.fresh();

  @Test
  void shouldTellHowManyLivingAgentsThereAre() {
    // Given
    User ada = User.fresh();
    String gone = ada.creates("Gone", "pong");
    int pong = total("?environmentId=pong");
    int all = total("");

    // When
    ada.creates("Another", "pong");
    ada.creates("Elsewhere", "connect-four");
    ada.request().delete(AGENTS + "/" + gone).then().statusCode(200);

    // Then
    assertThat(total("?environmentId=pong")).isEqualTo(pong);
    assertThat(total("")).isEqualTo(all + 1);
    assertThat(total("?environmentId=nothing-here")).isZero();
    assertThat(total("?pageSize=100")).isEqualTo(listed());
  }

  private static int total(String query) {
    return given().get(AGENTS + query).then().statusCode(200).extract().path("total");
  }

  /** Counted page by page. */
  private static int listed() {
    int found = 0;
    for (int page = 1; ; page++) {
      int rows =
          given().get(AGENTS + "?pageSize=100&page=" + page).jsonPath().getList("agents").size();
      found += rows;
      if (rows < 100) {
        return found;
      }
    }
  }

  @Test
  void shouldCreateAgent() {
    ada.request()
        .body(Map.of("name", "  Left Hook ", "description", "Hits.", "environmentId", "pong"))
        .post(AGENTS)
        .then()
        .statusCode(201)
        .body("message", equalTo("Agent created"))
        .body("agent.id", notNullValue())
        .body("agent.userId", equalTo(ada.id().toString()))
        .body("agent.username", equalTo(ada.username()))
        .body("agent.name", equalTo("Left Hook"))
        .body("agent.description", equalTo("Hits."))
        .body("agent.environmentId", equalTo("pong"))
        .body("agent.elo", equalTo(1200))
        .body("agent.score", equalTo(1200))
        .body("agent.wins", equalTo(0))
        .body("agent.losses", equalTo(0))
        .body("agent.draws", equalTo(0))
        .body("agent.totalMatches", equalTo(0))
        .body("agent.rank", equalTo(0))
        .body("agent", not(hasKey("activeSubmissionId")))
        .body("agent.createdAt", matchesPattern(".*T.*[0-9]Z"));
  }

  @Test
  void shouldCreateOnceForRepeatsOfARequest() {
    // Given
    String key = UUID.randomUUID().toString();
    Map<String, String> body = Map.of("name", "Left Hook", "environmentId", "pong");
    String first =
        ada.request()
            .header("Idempotency-Key", key)
            .body(body)
            .post(AGENTS)
            .then()
            .statusCode(201)
            .body("agent.name", equalTo("Left Hook"))
            .extract()
            .asString();

    // When, Then: the first answer, also when the agent is gone
    ada.request().delete(AGENTS + "/" + JsonPath.from(first).getString("agent.id"));
    ada.request()
        .header("Idempotency-Key", key)
        .body(body)
        .post(AGENTS)
        .then()
        .statusCode(201)
        .header("Idempotent-Replayed", "true")
        .body(equalTo(first));
    ada.request().get(AGENTS + "/my").then().body("agents", empty());
    ada.request()
        .header("Idempotency-Key", key)
        .body(Map.of("name", "Right Hook", "environmentId", "pong"))
        .post(AGENTS)
        .then()
        .statusCode(422)
        .body("code", equalTo("idempotency_key_reused"));
    bob.request().header("Idempotency-Key", key).body(body).post(AGENTS).then().statusCode(201);
  }

  @Test
  void shouldShowAgentToEverybody() {
    String id = ada.creates("Left Hook", "pong");

    given()
        .get(AGENTS + "/" + id)
        .then()
        .statusCode(200)
        .body("agent.name", equalTo("Left Hook"))
        .body("agent.description", equalTo(""))
        .body("agent.username", equalTo(ada.username()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01", "%00", "undefined"})
  void shouldNotFindWhatIsNoAgent(String id) {
    given()
        .urlEncodingEnabled(false)
        .get(AGENTS + "/" + id)
        .then()
        .statusCode(404)
        .contentType("application/problem+json")
        .body("code", equalTo("agent_not_found"))
        .body("detail", containsString("Check the id"));
  }

  @Test
  void shouldNameKnownEnvironmentsWhenOneIsUnknown() {
    ada.request()
        .body(Map.of("name", "Left Hook", "environmentId", "chess-boxing"))
        .post(AGENTS)
        .then()
        .statusCode(400)
        .body("code", equalTo("unknown_environment"))
        .body("detail", containsString("connect-four"))
        .body("detail", containsString("pong"))
        .body("detail", containsString("tic-tac-toe"));
  }

  @Test
  void shouldListOwnAgentsNewestFirst() {
    String first = ada.creates("One", "pong");
    String second = ada.creates("Two", "connect-four");
    bob.creates("Other", "pong");

    ada.request()
        .get(AGENTS + "/my")
        .then()
        .statusCode(200)
        .body("agents.id", contains(second, first))
        .body("total", equalTo(2));
    ada.request()
        .get(AGENTS + "/my?environmentId=pong")
        .then()
        .body("agents.id", contains(first))
        .body("total", equalTo(1));
  }

  @Test
  void shouldPageAndFilterAllAgents() {
    String oldest = ada.creates("One", "pong");
    String middle = ada.creates("Two", "pong");
    String newest = ada.creates("Three", "tic-tac-toe");

    given()
        .get(AGENTS + "?userId=" + ada.id() + "&pageSize=2")
        .then()
        .statusCode(200)
        .body("agents.id", contains(newest, middle))
        .body("total", equalTo(3))
        .body("page", equalTo(1))
        .body("pageSize", equalTo(2));
    given()
        .get(AGENTS + "?userId=" + ada.id() + "&pageSize=2&page=2")
        .then()
        .body("agents.id", contains(oldest))
        .body("page", equalTo(2));
    given()
        .get(AGENTS + "?environmentId=tic-tac-toe&userId=" + ada.id())
        .then()
        .body("agents.id", contains(newest))
        .body("total", equalTo(1));
    given()
        .get(AGENTS + "?page=9999999999&pageSize=5000&userId=" + ada.id())
        .then()
        .statusCode(200)
        .body("agents", empty())
        .body("total", equalTo(3))
        .body("pageSize", equalTo(100));
  }

  @Test
  void shouldFindAgentsByPartsOfTheirTexts() {
    // Given
    String hook = ada.creates("Left HOOK Élan", "pong");
    String percent = ada.creates("100% sure_ly!", "pong");
    String described = ada.creates("Plain", "tic-tac-toe");
    ada.request()
        .body(Map.of("name", "Plain", "description", "A slow Hooker"))
        .put(AGENTS + "/" + described)
        .then()
        .statusCode(200);
    bob.creates("Left Hook", "pong");

    // When, Then
    assertThat(found("search", "hook")).containsExactlyInAnyOrder(hook, described);
    assertThat(found("search", " Hook ")).containsExactlyInAnyOrder(hook, described);
    assertThat(found("search", "hook", "environmentId", "pong")).containsExactly(hook);
    assertThat(found("search", "ÉLAN")).containsExactly(hook);
    assertThat(found("search", "0% S")).containsExactly(percent);
    assertThat(found("search", "sure_ly!")).containsExactly(percent);
    assertThat(found("search", "%")).containsExactly(percent);
    assertThat(found("search", "_")).containsExactly(percent);
    assertThat(found("search", "!")).containsExactly(percent);
    assertThat(found("search", "' or '1'='1")).isEmpty();
    assertThat(found("search", "")).hasSize(3);
    assertThat(found("search", " ")).hasSize(3);
    ada.request().delete(AGENTS + "/" + hook).then().statusCode(200);
    assertThat(found("search", "hook")).containsExactly(described);
    assertThat(found("search", "deleted agent")).isEmpty();
  }

  @Test
  void shouldCountAllThatASearchFinds() {
    ada.creates("Hook 1", "pong");
    ada.creates("Hook 2", "pong");
    ada.creates("Jab", "pong");

    given()
        .get(AGENTS + "?search=hook&sort=name&pageSize=1&page=2&userId=" + ada.id())
        .then()
        .statusCode(200)
        .body("agents.name", contains("Hook 2"))
        .body("total", equalTo(2));
  }

  @Test
  void shouldSort() {
    String b = ada.creates("bee", "pong");
    String a = ada.creates("Ant", "pong");
    String c = ada.creates("Cat", "pong");

    assertThat(found("sort", "name")).containsExactly(a, b, c);
    assertThat(found("sort", "created")).containsExactly(c, a, b);
    assertThat(found("sort", "rating")).containsExactly(c, a, b);
    assertThat(found("sort", "")).containsExactly(c, a, b);
  }

  /** Ids of Ada's agents that the list shows. */
  private List<String> found(Object... query) {
    var request = given().queryParam("userId", ada.id());
    for (int i = 0; i < query.length; i += 2) {
      request.queryParam((String) query[i], query[i + 1]);
    }
    return request.get(AGENTS).then().statusCode(200).extract().path("agents.id");
  }

  @Test
  void shouldNameTheOrdersThereAre() {
    given()
        .get(AGENTS + "?sort=elo;drop%20table%20agent")
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_parameter"))
        .body("detail", containsString("rating, created, name"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "page=x",
        "pageSize=1.5",
        "userId=ada",
        "environmentId=%00",
        "search=%00",
        "sort=RATING",
        "search="
            + "12345678901234567890123456789012345678901234567890"
            + "123456789012345678901234567890123456789012345678901"
      })
  void shouldRefuseBadQuery(String query) {
    given()
        .urlEncodingEnabled(false)
        .get(AGENTS + "?" + query)
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_parameter"));
  }

  @Test
  void shouldLetOwnerRename() {
    String id = ada.creates("Left Hook", "pong");

    ada.request()
        .body(Map.of("name", "Right Hook", "description", "new"))
        .put(AGENTS + "/" + id)
        .then()
        .statusCode(200)
        .body("message", equalTo("Agent updated"))
        .body("agent.name", equalTo("Right Hook"));
    ada.request()
        .body(Map.of("name", "Hook"))
        .put(AGENTS + "/" + id)
        .then()
        .statusCode(200)
        .body("agent.name", equalTo("Hook"))
        .body("agent.description", equalTo("new"));
    ada.request()
        .body(Map.of("description", "nameless"))
        .put(AGENTS + "/" + id)
        .then()
        .statusCode(400)
        .body("code", equalTo("invalid_name"));
  }

  @Test
  void shouldForgetDeletedAgent() {
    String id = ada.creates("Left Hook", "pong");

    ada.request()
        .delete(AGENTS + "/" + id)
        .then()
        .statusCode(200)
        .body("message", equalTo("Agent deleted"));

    given().get(AGENTS + "/" + id).then().statusCode(404);
    ada.request().body(Map.of("name", "x")).put(AGENTS + "/" + id).then().statusCode(404);
    ada.request().delete(AGENTS + "/" + id).then().statusCode(404);
    ada.request().get(AGENTS + "/my").then().body("agents", empty());
    given().get(AGENTS + "?userId=" + ada.id()).then().body("total", equalTo(0));
  }

  @Test
  void shouldRefuseStrangers() {
    String id = ada.creates("Left Hook", "pong");

    bob.request()
        .body(Map.of("name", "Stolen"))
        .put(AGENTS + "/" + id)
        .then()
        .statusCode(403)
        .body("code", equalTo("not_owner"));
    bob.request()
        .delete(AGENTS + "/" + id)
        .then()
        .statusCode(403)
        .body("code", equalTo("not_owner"));
    given().get(AGENTS + "/" + id).then().body("agent.name", equalTo("Left Hook"));
  }

  @Test
  void shouldRefuseCallersWithoutValidToken() {
    String id = ada.creates("Left Hook", "pong");
    List<String> tokens = TestTokens.refusedOf(ada.id(), ada.username());

    for (String token : tokens) {
      var request =
          given().header("Authorization", "Bearer " + token).contentType("application/json");
      request.body(body("x", "", "pong")).post(AGENTS).then().statusCode(401);
      request.body(Map.of("name", "x")).put(AGENTS + "/" + id).then().statusCode(401);
    }
    given().contentType("application/json").body("{}").post(AGENTS).then().statusCode(401);
    given().get(AGENTS + "/my").then().statusCode(401);
    given().delete(AGENTS + "/" + id).then().statusCode(401);
    // A service is no user.
    given()
        .header("Authorization", "Bearer " + TestTokens.service("agent-service", "agent:read"))
        .get(AGENTS + "/my")
        .then()
        .statusCode(403);
    ada.request().get(AGENTS + "/my").then().body("agents.name", contains("Left Hook"));
  }

  /** The module's tests run with a limit of 5. */
  @Test
  void shouldHoldTheLimitPerUserAgainstParallelRequests() throws Exception {
    // Given
    IntStream.range(0, 3).forEach(n -> ada.creates("Agent " + n, "pong"));
    Callable<Integer> create =
        () -> ada.request().body(body("Last", "", "pong")).post(AGENTS).statusCode();

    // When
    List<Integer> answers;
    try (ExecutorService clients = Executors.newFixedThreadPool(6)) {
      answers =
          clients.invokeAll(Collections.nCopies(6, create)).stream()
              .map(Future::resultNow)
              .sorted()
              .toList();
    }

    // Then
    assertThat(answers).containsExactly(201, 201, 409, 409, 409, 409);
    ada.request()
        .body(body("One more", "", "pong"))
        .post(AGENTS)
        .then()
        .statusCode(409)
        .body("code", equalTo("agent_limit_reached"))
        .body("detail", containsString("You have 5 agents"));
    ada.request().get(AGENTS + "/my").then().body("agents", hasSize(5));
    bob.creates("Not concerned", "pong");
  }

  @Test
  void shouldAnswerUnknownIdsAlikeForAllMethods() {
    String unknown = AGENTS + "/" + UUID.randomUUID();
    ada.request().body(Map.of("name", "x")).put(unknown).then().statusCode(404);
    ada.request().delete(unknown).then().statusCode(404);
    ada.request().delete(AGENTS + "/not-an-id").then().statusCode(404);
  }

  private static String body(String name, String description, String environmentId) {
    return "{\"name\":\"%s\",\"description\":\"%s\",\"environmentId\":\"%s\"}"
        .formatted(name, description, environmentId);
  }
}
