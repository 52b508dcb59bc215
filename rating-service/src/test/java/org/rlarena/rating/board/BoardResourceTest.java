package org.rlarena.rating.board;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.TestInfra;
import org.rlarena.rating.Fixtures;
import org.rlarena.rating.Fixtures.Agent;

/** What people read, after neighbours' events have come in. */
@QuarkusTest
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "rating_service"))
@WithTestResource(TestKeys.class)
class BoardResourceTest {

  private final String environment = Fixtures.environment();
  private final Agent ada = Agent.named("Ada");
  private final Agent bob = Agent.named("Bob");
  private final Agent cleo = Agent.named("Cleo");
  private Events events;

  @BeforeEach
  void connect() {
    events = Events.connect();
  }

  @AfterEach
  void disconnect() {
    events.close();
  }

  @Test
  void shouldRankAgentsThatPlayWithTiesSharingAPlace() {
    // Given: Ada beat Bob, Cleo and Dan never played
    Agent dan = Agent.named("Dan");
    List.of(ada, bob, cleo, dan).forEach(this::enter);
    Fixtures.publishUser(events, ada.ownerId(), "ada-owner", 1);
    var match = Fixtures.won(environment, ada, bob);
    Fixtures.publishFinished(events, match);
    Fixtures.awaitRated(events, match);

    // When
    JsonPath board = boardOnce(path -> path.getInt("total") == 4 && named(path, "ada-owner"));

    // Then
    assertThat(board.getString("environmentId")).isEqualTo(environment);
    assertThat(board.getString("type")).isEqualTo("public");
    assertThat(board.getList("leaderboard.rank", Integer.class)).containsExactly(1, 2, 2, 4);
    assertThat(board.getList("leaderboard.elo", Integer.class))
        .containsExactly(1220, 1200, 1200, 1180);
    assertThat(board.getString("leaderboard[0].name")).isEqualTo("Ada");
    assertThat(board.getString("leaderboard[0].username")).isEqualTo("ada-owner");
    assertThat(board.getInt("leaderboard[0].score")).isEqualTo(1220);
    assertThat(board.getInt("leaderboard[0].wins")).isEqualTo(1);
    assertThat(board.getInt("leaderboard[0].totalMatches")).isEqualTo(1);
    assertThat(board.getString("leaderboard[0].activeSubmissionId"))
        .isEqualTo(ada.submissionId().toString());
    assertThat(board.getString("leaderboard[0].createdAt")).isEqualTo("2026-11-23T10:15:05Z");
    assertThat(board.getString("leaderboard[1].username")).isEmpty();
  }

  @Test
  void shouldRankOverTheWholeBoardOnEveryPage() {
    // Given
    List.of(ada, bob, cleo).forEach(this::enter);
    var match = Fixtures.won(environment, ada, bob);
    Fixtures.publishFinished(events, match);
    Fixtures.awaitRated(events, match);
    boardOnce(path -> path.getInt("total") == 3);

    // When, Then
    given()
        .queryParam("limit", 1)
        .queryParam("page", 3)
        .get("/api/v1/leaderboard/environment/" + environment)
        .then()
        .statusCode(200)
        .body("total", equalTo(3))
        .body("page", equalTo(3))
        .body("leaderboard.name", contains("Bob"))
        .body("leaderboard.rank", contains(3));
  }

  @Test
  void shouldKeepAPlaceThatIsSharedAcrossPages() {
    // Given: one winner, two agents that never played, one loser
    Agent dan = Agent.named("Dan");
    List.of(ada, bob, cleo, dan).forEach(this::enter);
    var match = Fixtures.won(environment, ada, bob);
    Fixtures.publishFinished(events, match);
    Fixtures.awaitRated(events, match);
    boardOnce(path -> path.getInt("total") == 4);

    // When, Then: the second of the equals is the first of its page
    given()
        .queryParam("limit", 2)
        .queryParam("page", 2)
        .get("/api/v1/leaderboard/environment/" + environment)
        .then()
        .statusCode(200)
        .body("total", equalTo(4))
        .body("leaderboard.elo", contains(1200, 1180))
        .body("leaderboard.rank", contains(2, 4));
    given()
        .queryParam("limit", 2)
        .queryParam("page", 3)
        .get("/api/v1/leaderboard/environment/" + environment)
        .then()
        .statusCode(200)
        .body("total", equalTo(4))
        .body("leaderboard", empty());
  }

  @Test
  void shouldPlaceAnAgentOfWhichTheResultIsHeardFirst() {
    // Given: rated before anything else is known of them
    var match = Fixtures.won(environment, ada, bob);
    Fixtures.publishFinished(events, match);
    Fixtures.awaitRated(events, match);

    // When
    Fixtures.publishActivated(events, ada, environment, 1);
    Fixtures.publishChanged(events, ada, environment, 1);

    // Then
    JsonPath board = boardOnce(path -> path.getInt("total") == 1);
    assertThat(board.getList("leaderboard.name")).containsExactly("Ada");
    assertThat(board.getList("leaderboard.elo", Integer.class)).containsExactly(1220);
  }

  @Test
  void shouldLeaveOutAgentsWithoutAVersionAndDeletedOnes() {
    // Given
    List.of(ada, bob, cleo).forEach(this::enter);
    boardOnce(path -> path.getInt("total") == 3);

    // When
    Fixtures.publishDeactivated(events, bob, 2);
    Fixtures.publishDeleted(events, cleo, 2);

    // Then
    JsonPath board = boardOnce(path -> path.getInt("total") == 1);
    assertThat(board.getList("leaderboard.name")).containsExactly("Ada");
    List<String> everybody = everybody();
    assertThat(everybody).contains(bob.id().toString()).doesNotContain(cleo.id().toString());
  }

  @Test
  void shouldShowAnEmptyBoardOfAnUnknownEnvironment() {
    given()
        .get("/api/v1/leaderboard/environment/nothing-here?type=private")
        .then()
        .statusCode(200)
        .body("leaderboard", empty())
        .body("type", equalTo("private"))
        .body("total", equalTo(0));
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "-5, 1", "101, 100", "7, 7"})
  void shouldClampTheLimit(int limit, int used) {
    given()
        .queryParam("limit", limit)
        .get("/api/v1/leaderboard")
        .then()
        .statusCode(200)
        .body("limit", equalTo(used));
  }

  @Test
  void shouldCountOpponentsAndNameDeletedOnes() {
    // Given: Ada beat Bob twice, drew with him once, lost to Cleo
    List.of(ada, bob, cleo).forEach(this::enter);
    var matches =
        List.of(
            Fixtures.won(environment, ada, bob),
            Fixtures.won(environment, ada, bob),
            Fixtures.drawn(environment, bob, ada),
            Fixtures.won(environment, cleo, ada));
    matches.forEach(match -> Fixtures.publishFinished(events, match));
    matches.forEach(match -> Fixtures.awaitRated(events, match));
    Fixtures.publishDeleted(events, cleo, 5);
    boardOnce(path -> path.getInt("total") == 2);

    // When, Then
    given()
        .get("/api/v1/agents/" + ada.id() + "/stats")
        .then()
        .statusCode(200)
        .body("agentId", equalTo(ada.id().toString()))
        .body("total", equalTo(2))
        .body("stats.opponentName", contains("Bob", "deleted agent"))
        .body("stats.wins", contains(2, 0))
        .body("stats.losses", contains(0, 1))
        .body("stats.draws", contains(1, 0))
        .body("stats.totalMatches", contains(3, 1))
        .body("wins", equalTo(2))
        .body("losses", equalTo(1))
        .body("draws", equalTo(1))
        .body("totalMatches", equalTo(4))
        .body("winRate", equalTo(0.5f));
  }

  @Test
  void shouldShowHowARatingMoved() {
    // Given
    enter(ada);
    var first = Fixtures.won(environment, ada, bob);
    var second = Fixtures.won(environment, bob, ada);
    for (var match : List.of(first, second)) {
      Fixtures.publishFinished(events, match);
      Fixtures.awaitRated(events, match);
    }
    boardOnce(path -> path.getInt("total") == 1);

    // When, Then
    given()
        .queryParam("pageSize", 1)
        .get("/api/v1/agents/" + ada.id() + "/ratings")
        .then()
        .statusCode(200)
        .body("total", equalTo(2))
        .body("pageSize", equalTo(1))
        .body("ratings.matchId", contains(second.get("matchId").asText()))
        .body("ratings[0].before", equalTo(1220))
        .body("ratings[0].after", equalTo(1198))
        .body("ratings[0].change", equalTo(-22))
        .body("ratings[0].result", equalTo("loss"))
        .body("ratings[0].ratedAt", notNullValue());
  }

  @Test
  void shouldShowAnAgentThatNeverPlayedAtTheStart() {
    // Given
    enter(ada);
    boardOnce(path -> path.getInt("total") == 1);

    // When, Then
    given()
        .get("/api/v1/agents/" + ada.id() + "/stats")
        .then()
        .statusCode(200)
        .body("stats", empty())
        .body("elo", equalTo(1200))
        .body("winRate", equalTo(0f));
    given()
        .get("/api/v1/agents/" + ada.id() + "/ratings")
        .then()
        .statusCode(200)
        .body("ratings", empty())
        .body("total", equalTo(0));
  }

  @ParameterizedTest
  @CsvSource({
    "/api/v1/agents/not-an-id/stats, 400, invalid_id",
    "/api/v1/agents/1-1-1-1-1/ratings, 400, invalid_id",
    "/api/v1/agents/00000000-0000-4000-8000-000000000000/stats, 404, agent_not_found",
    "/api/v1/agents/00000000-0000-4000-8000-000000000000/ratings, 404, agent_not_found",
    "/api/v1/leaderboard?limit=ten, 400, invalid_parameter",
    "/api/v1/leaderboard?page=9223372036854775808, 400, invalid_parameter",
    "/api/v1/leaderboard/environment/%00, 400, invalid_id",
    "/api/v1/leaderboard/environment/a%27b, 400, invalid_id",
    "/api/v1/leaderboard/environment/pong?type=%00, 400, invalid_id"
  })
  void shouldRefuseWhatItCannotRead(String path, int status, String code) {
    given()
        .urlEncodingEnabled(false)
        .get(path)
        .then()
        .statusCode(status)
        .contentType("application/problem+json")
        .body("code", equalTo(code))
        .body("status", equalTo(status))
        .body("detail", notNullValue());
  }

  @Test
  void shouldTotalTheMatchesOfAUsersAgents() {
    // Given: one match between two own agents, one lost to Bob, one won against him
    UUID user = UUID.randomUUID();
    Agent mine = Agent.ownedBy(user, "Mine");
    Agent other = Agent.ownedBy(user, "Other");
    List.of(mine, other, bob).forEach(this::enter);
    var matches =
        List.of(
            Fixtures.won(environment, mine, other),
            Fixtures.won(environment, bob, mine),
            Fixtures.won(environment, mine, bob));
    matches.forEach(match -> Fixtures.publishFinished(events, match));
    matches.forEach(match -> Fixtures.awaitRated(events, match));
    boardOnce(path -> path.getInt("total") == 3);

    // When, Then
    given()
        .auth()
        .oauth2(TestTokens.user(user, "mine"))
        .get("/api/v1/users/me/match-stats")
        .then()
        .statusCode(200)
        .body("totalMatches", equalTo(3))
        .body("totalWins", equalTo(2))
        .body("bestRank", not(equalTo(0)));
  }

  @Test
  void shouldRankUsersByTheirBestAgentThatPlays() {
    // Given: the rival's better one has no version, the other has lost
    UUID user = UUID.randomUUID();
    UUID rival = UUID.randomUUID();
    Agent winner = Agent.ownedBy(user, "Winner");
    Agent loser = Agent.ownedBy(rival, "Loser");
    List.of(winner, loser, bob).forEach(this::enter);
    Fixtures.publishChanged(events, Agent.ownedBy(rival, "Idle"), environment, 1);
    var matches =
        List.of(Fixtures.won(environment, winner, loser), Fixtures.won(environment, bob, loser));
    matches.forEach(match -> Fixtures.publishFinished(events, match));
    matches.forEach(match -> Fixtures.awaitRated(events, match));
    JsonPath board = boardOnce(path -> path.getInt("total") == 3);

    // When, Then
    for (UUID one : List.of(user, rival)) {
      int elo = board.getInt("leaderboard.find { it.userId == '%s' }.elo".formatted(one));
      await().untilAsserted(() -> assertThat(bestRank(one)).isEqualTo(1 + playingAbove(elo)));
    }
    assertThat(bestRank(rival)).isGreaterThan(bestRank(user) + 1);
  }

  @Test
  void shouldTotalNothingForAUserWithoutAgents() {
    given()
        .auth()
        .oauth2(TestTokens.user(UUID.randomUUID(), "new"))
        .get("/api/v1/users/me/match-stats")
        .then()
        .statusCode(200)
        .body("totalMatches", equalTo(0))
        .body("totalWins", equalTo(0))
        .body("bestRank", equalTo(0));
  }

  @Test
  void shouldAskWhoseTotalsAreWanted() {
    given().get("/api/v1/users/me/match-stats").then().statusCode(401);
    given()
        .auth()
        .oauth2(TestTokens.expired(UUID.randomUUID(), "late"))
        .get("/api/v1/users/me/match-stats")
        .then()
        .statusCode(401);
    given()
        .auth()
        .oauth2(TestTokens.service("rating-service", "ledger:read"))
        .get("/api/v1/users/me/match-stats")
        .then()
        .statusCode(403);
  }

  @Test
  void shouldShowTheBoardDespiteAStaleToken() {
    given()
        .auth()
        .oauth2(TestTokens.expired(UUID.randomUUID(), "late"))
        .get("/api/v1/leaderboard")
        .then()
        .statusCode(200);
  }

  @Test
  void shouldVerifyTheLedgerForServicesWithTheScope() {
    given()
        .auth()
        .oauth2(TestTokens.service("rating-service", "ledger:read"))
        .get("/internal/ledger/verification")
        .then()
        .statusCode(200)
        .body("equal", equalTo(true))
        .body("differences", empty());
    given().get("/internal/ledger/verification").then().statusCode(401);
    given()
        .auth()
        .oauth2(TestTokens.user(UUID.randomUUID(), "curious"))
        .get("/internal/ledger/verification")
        .then()
        .statusCode(403);
    given()
        .auth()
        .oauth2(TestTokens.service("rating-service", "agent:read"))
        .get("/internal/ledger/verification")
        .then()
        .statusCode(403);
  }

  @Test
  void shouldDescribeItself() {
    given().get("/q/health/live").then().statusCode(200);
    given().get("/q/metrics").then().statusCode(200);
    given()
        .accept("application/json")
        .get("/q/openapi")
        .then()
        .statusCode(200)
        .body("paths.keySet()", hasItem("/api/v1/leaderboard"))
        .body("paths.keySet()", everyItem(notNullValue()));
  }

  private void enter(Agent agent) {
    Fixtures.publishChanged(events, agent, environment, 1);
    Fixtures.publishActivated(events, agent, environment, 1);
  }

  private JsonPath boardOnce(Predicate<JsonPath> settled) {
    return await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> given().get("/api/v1/leaderboard/environment/" + environment).jsonPath(),
            settled::test);
  }

  private static boolean named(JsonPath board, String username) {
    return board.getList("leaderboard.username", String.class).contains(username);
  }

  private static int bestRank(UUID user) {
    return given()
        .auth()
        .oauth2(TestTokens.user(user, "one"))
        .get("/api/v1/users/me/match-stats")
        .jsonPath()
        .getInt("bestRank");
  }

  private static int playingAbove(int elo) {
    return pages()
        .mapToInt(
            page ->
                page.getInt(
                    "leaderboard.count { it.activeSubmissionId && it.elo > %d }".formatted(elo)))
        .sum();
  }

  private static List<String> everybody() {
    return pages()
        .map(page -> page.getList("leaderboard.id", String.class))
        .flatMap(List::stream)
        .toList();
  }

  /** The board of all environments. */
  private static Stream<JsonPath> pages() {
    int total = given().get("/api/v1/leaderboard").jsonPath().getInt("total");
    return IntStream.rangeClosed(1, total / 100 + 1)
        .mapToObj(
            page ->
                given()
                    .queryParam("limit", 100)
                    .queryParam("page", page)
                    .get("/api/v1/leaderboard")
                    .jsonPath());
  }
}
