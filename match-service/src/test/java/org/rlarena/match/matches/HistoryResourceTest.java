package org.rlarena.match.matches;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;

import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rlarena.executor.v1.MatchResponse;
import org.rlarena.match.testing.FakeExecutor;
import org.rlarena.match.testing.ServiceTest;

/** What an agent, and a user, looks back on. */
@QuarkusTest
class HistoryResourceTest extends ServiceTest {

  private final User user = User.fresh();
  private final Player own = Player.of(user);
  private final Player rival = Player.fresh();

  @BeforeEach
  void makeThemKnown() {
    known(own);
    known(rival);
  }

  @Test
  void shouldCountHowTwoAgentsDidAgainstEachOther() {
    // Given: won, lost, drawn, without contest; one against somebody else, and one that waits
    List<String> met = new ArrayList<>();
    met.addFirst(play(own, rival));
    met.addFirst(play(rival, own));
    met.addFirst(play(own, rival, answer -> allAt(1, answer)));
    met.addFirst(play(own, rival, answer -> allAt(0, answer.setNoContest(true))));
    play(own, known(Player.fresh()));
    awaitStatus(request(own, rival), "pending");
    String versus = "/api/v1/agents/%s/versus/%s".formatted(own.agentId(), rival.agentId());

    // Then
    given()
        .get(versus)
        .then()
        .statusCode(200)
        .body("agentId", equalTo(own.agentId().toString()))
        .body("agentName", equalTo(own.name()))
        .body("opponentId", equalTo(rival.agentId().toString()))
        .body("opponentName", equalTo(rival.name()))
        .body("wins", equalTo(1))
        .body("losses", equalTo(1))
        .body("draws", equalTo(1))
        .body("totalMatches", equalTo(4))
        .body("matches.id", equalTo(met))
        .body("matches[3].winnerId", equalTo(own.agentId().toString()))
        .body("$", not(hasKey("nextCursor")));
    String cursor =
        given()
            .get(versus + "?pageSize=3")
            .then()
            .body("matches.id", equalTo(met.subList(0, 3)))
            .extract()
            .path("nextCursor");
    given()
        .get(versus + "?pageSize=3&cursor=" + cursor)
        .then()
        .body("matches.id", equalTo(met.subList(3, 4)))
        .body("totalMatches", equalTo(4))
        .body("$", not(hasKey("nextCursor")));
  }

  @Test
  void shouldSayThatAgentsHaveNeverMet() {
    given()
        .get("/api/v1/agents/{a}/versus/{b}", own.agentId(), rival.agentId())
        .then()
        .statusCode(200)
        .body("totalMatches", equalTo(0))
        .body("matches", empty());
    given()
        .get("/api/v1/agents/{a}/versus/{b}", own.agentId(), UUID.randomUUID())
        .then()
        .statusCode(404)
        .body("code", equalTo("agent_not_found"));
  }

  @Test
  void shouldShowUsersTheirLastMatches() {
    // Given
    Player second = known(Player.of(user));
    String won = play(own, rival);
    String lost = play(rival, own);
    String amongOwn = play(second, own);
    play(rival, known(Player.fresh()));
    awaitStatus(request(own, rival), "pending");

    // Then
    user.request()
        .get("/api/v1/users/me/match-history")
        .then()
        .statusCode(200)
        .body("matchHistory.id", contains(amongOwn, lost, won))
        .body("matchHistory.result", contains("win", "loss", "win"))
        .body("matchHistory.agent", contains(second.name(), own.name(), own.name()))
        .body("matchHistory.opponent", contains(own.name(), rival.name(), rival.name()))
        .body("matchHistory.competition", contains("pong", "pong", "pong"))
        .body("matchHistory[0].timestamp", notNullValue());
  }

  @Test
  void shouldShowTenMatchesAtMost() {
    for (int i = 0; i < 12; i++) {
      play(own, rival);
    }

    user.request().get("/api/v1/users/me/match-history").then().body("matchHistory", hasSize(10));
  }

  @Test
  void shouldShowOwnMatchesToTheirOwnersAlone() {
    play(own, rival);

    User.fresh()
        .request()
        .get("/api/v1/users/me/match-history")
        .then()
        .statusCode(200)
        .body("matchHistory", empty());
    given().get("/api/v1/users/me/match-history").then().statusCode(401);
  }

  private static void allAt(int rank, MatchResponse.Builder answer) {
    answer
        .clearWinnerAgentId()
        .getAgentResultsBuilderList()
        .forEach(result -> result.setScore(0).setRank(rank));
  }

  /** Lets the first agent win. */
  private String play(Player first, Player second) {
    return play(first, second, answer -> {});
  }

  private String play(Player first, Player second, Consumer<MatchResponse.Builder> change) {
    try (FakeExecutor executor =
        FakeExecutor.at(0).plays(request -> FakeExecutor.answer(request, change))) {
      UUID id = request(first, second);
      awaitStatus(id, "completed");
      assertThat(executor.requests()).hasSize(1);
      return id.toString();
    }
  }
}
