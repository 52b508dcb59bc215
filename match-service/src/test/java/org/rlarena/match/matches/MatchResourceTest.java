package org.rlarena.match.matches;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.match.directory.AgentChanged;
import org.rlarena.match.testing.FakeExecutor;
import org.rlarena.match.testing.ServiceTest;

@QuarkusTest
class MatchResourceTest extends ServiceTest {

  @Test
  void shouldListPlayedMatchesOfAgentNewestFirstWithTrueTotal() {
    // Given
    Player player = known(Player.fresh());
    List<String> played = new ArrayList<>();
    try (FakeExecutor executor = FakeExecutor.at(0)) {
      for (int i = 0; i < 3; i++) {
        UUID id = request(player, Player.fresh());
        awaitStatus(id, "completed");
        played.addFirst(id.toString());
      }
      assertThat(executor.requests()).hasSize(3);
    }
    awaitGone();
    UUID waiting = request(player, Player.fresh());
    awaitStatus(waiting, "pending");
    // Then
    given()
        .get("/api/v1/matches/agent/{id}?pageSize=2", player.agentId())
        .then()
        .statusCode(200)
        .body("matches.id", contains(played.get(0), played.get(1)))
        .body("total", equalTo(3))
        .body("page", equalTo(1))
        .body("pageSize", equalTo(2));
    given()
        .get("/api/v1/matches/agent/{id}?page=2&limit=2", player.agentId())
        .then()
        .statusCode(200)
        .body("matches.id", contains(played.get(2)))
        .body("total", equalTo(3));
    given()
        .get("/api/v1/matches?agentId={id}", player.agentId())
        .then()
        .body("matches.id", hasSize(4))
        .body("matches[0].id", equalTo(waiting.toString()));
    given()
        .get("/api/v1/matches?agentId={id}&status=pending", player.agentId())
        .then()
        .body("matches.id", contains(waiting.toString()))
        .body("total", equalTo(1));
    given()
        .get("/api/v1/matches?environmentId=pong&status=completed")
        .then()
        .body("total", equalTo(3));
    given().get("/api/v1/matches?environmentId=chess").then().body("total", equalTo(0));
  }

  @Test
  void shouldGoOnBehindWhatWasShownWhileMatchesAreMade() {
    // Given
    for (int i = 0; i < 5; i++) {
      awaitStatus(request(Player.fresh(), Player.fresh()), "pending");
    }
    // two of the same moment are told apart by their ids; after a day they would be cancelled
    sql(
        """
        update match set created_at = date_trunc('second', now() - interval '1 hour')
          + interval '123456 microseconds'
        where id in (select id from match limit 2)
        """);
    String list = "/api/v1/matches?environmentId=pong&status=pending&pageSize=2";
    List<String> all = given().get("/api/v1/matches").jsonPath().getList("matches.id");

    // When
    List<String> shown = new ArrayList<>();
    JsonPath page = given().get(list).then().statusCode(200).extract().jsonPath();
    assertThat(page.getLong("total")).isEqualTo(5);
    shown.addAll(page.getList("matches.id"));
    awaitStatus(request(Player.fresh(), Player.fresh()), "pending");
    while (page.getString("nextCursor") != null) {
      page =
          given()
              .get(list + "&cursor=" + page.getString("nextCursor"))
              .then()
              .statusCode(200)
              .body("pageSize", equalTo(2))
              .body("$", not(hasKey("total")))
              .body("$", not(hasKey("page")))
              .extract()
              .jsonPath();
      shown.addAll(page.getList("matches.id"));
    }

    // Then
    assertThat(shown).hasSize(5).containsExactlyElementsOf(all);
    given().get(list + "&page=3").then().body("$", not(hasKey("nextCursor")));
    given().get(list + "&page=2").then().body("nextCursor", notNullValue());
  }

  @Test
  void shouldFilterByTime() {
    // Given
    List<UUID> made = new ArrayList<>();
    for (int hour = 6; hour < 9; hour++) {
      UUID id = request(Player.fresh(), Player.fresh());
      awaitStatus(id, "pending");
      sql(
          "update match set created_at = '2026-11-26T0%d:00:00Z' where id = '%s'"
              .formatted(hour, id));
      made.add(id);
    }
    // Then
    given()
        .get("/api/v1/matches?from=2026-11-26T07:00:00Z&to=2026-11-26T08:00:00Z")
        .then()
        .statusCode(200)
        .body("matches.id", contains(made.get(1).toString()))
        .body("total", equalTo(1));
    given()
        .queryParam("from", "2026-11-26T08:00:00+01:00")
        .get("/api/v1/matches")
        .then()
        .body("total", equalTo(2));
    given().get("/api/v1/matches?to=0001-01-01T00:00:00Z").then().body("total", equalTo(0));
    given().get("/api/v1/matches?to=9999-12-31T23:59:59Z").then().body("total", equalTo(3));
    given().get("/api/v1/matches?from=9999-12-31T23:59:59Z").then().body("total", equalTo(0));
  }

  @ParameterizedTest
  @ValueSource(chars = {'A', '_', 'f'})
  void shouldTakeCursorsThatSomebodyMadeUp(char filler) {
    awaitStatus(request(Player.fresh(), Player.fresh()), "pending");
    String cursor = String.valueOf(filler).repeat(32);

    given().get("/api/v1/matches?cursor=" + cursor).then().statusCode(200);
    given().get("/api/v1/matches?pageSize=1&cursor=" + cursor).then().statusCode(200);
  }

  @Test
  void shouldKeepMatchesOfDeletedAgentsReadable() {
    // Given
    Player kept = known(Player.fresh());
    Player deleted = known(Player.fresh());
    UUID id;
    try (FakeExecutor executor = FakeExecutor.at(0)) {
      id = request(kept, deleted);
      awaitStatus(id, "completed");
      assertThat(executor.requests()).hasSize(1);
    }
    // When
    publishDeleted(deleted, 9);
    // Then
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                given()
                    .get("/api/v1/matches/{id}", id)
                    .then()
                    .body("match.participants.name", contains(kept.name(), "deleted agent")));
    given()
        .get("/api/v1/matches/{id}", id)
        .then()
        .statusCode(200)
        .body("match.status", equalTo("completed"))
        .body("match.winnerId", equalTo(kept.agentId().toString()))
        .body(
            "match.participants.agentId",
            contains(kept.agentId().toString(), deleted.agentId().toString()))
        .body("match.participants.score", contains(7f, -7f));
    for (Player player : List.of(kept, deleted)) {
      given()
          .get("/api/v1/matches/agent/{id}", player.agentId())
          .then()
          .statusCode(200)
          .body("matches.id", contains(id.toString()))
          .body("total", equalTo(1));
    }
    given()
        .get("/api/v1/agents/{a}/versus/{b}", kept.agentId(), deleted.agentId())
        .then()
        .statusCode(200)
        .body("agentName", equalTo(kept.name()))
        .body("opponentName", equalTo("deleted agent"))
        .body("wins", equalTo(1))
        .body("matches.id", contains(id.toString()));
  }

  @Test
  void shouldSendEmptyLists() {
    for (String path :
        List.of(
            "/api/v1/matches",
            "/api/v1/matches/agent/" + UUID.randomUUID(),
            "/api/v1/matches/replays?agentId=" + UUID.randomUUID())) {
      given()
          .get(path)
          .then()
          .statusCode(200)
          .body("matches", empty())
          .body("total", equalTo(0))
          .body("page", equalTo(1))
          .body("pageSize", equalTo(20));
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 1, 0, 1", "-1, 1, 500, 100", "99999999999, 10000000, 1, 1"})
  void shouldClampPagesAndEchoThem(String page, int shownPage, String size, int shownSize) {
    given()
        .get("/api/v1/matches?page={p}&pageSize={s}", page, size)
        .then()
        .statusCode(200)
        .body("page", equalTo(shownPage))
        .body("pageSize", equalTo(shownSize));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/matches/abc",
        "/api/v1/matches/1-1-1-1-1",
        "/api/v1/matches/agent/undefined",
        "/api/v1/matches?agentId=7",
        "/api/v1/matches?status=over",
        "/api/v1/matches?status=PENDING",
        "/api/v1/matches?page=one",
        "/api/v1/matches?pageSize=1.5",
        "/api/v1/matches?environmentId=%00",
        "/api/v1/matches?from=yesterday",
        "/api/v1/matches?to=2026-11-26",
        "/api/v1/matches?to=%2B999999999-12-31T23:59:59Z",
        "/api/v1/matches?to=0000-12-31T23:59:59Z",
        "/api/v1/matches?cursor=1",
        "/api/v1/matches?cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D",
        "/api/v1/agents/7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01/versus/x",
        "/api/v1/agents/x/versus/7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01",
        "/api/v1/agents/7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01/versus/7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01",
        "/api/v1/agents/7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01/versus/7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a02?pageSize=x",
        "/api/v1/agents/7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01/versus/7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a02?cursor=x",
        "/api/v1/matches/replays",
        "/api/v1/matches/replays?agentId=x",
        "/api/v1/matches/abc/replay",
        "/api/v1/matches/undefined/replay",
        "/api/v1/matches/match_undefined/replay",
        "/api/v1/matches/undefined/replay-url",
        "/storage/replays/abc.json"
      })
  void shouldAnswerBadInputWithProblem(String path) {
    given()
        .urlEncodingEnabled(false)
        .get(path)
        .then()
        .statusCode(400)
        .contentType("application/problem+json")
        .body("code", notNullValue())
        .body("detail", notNullValue());
  }

  @Test
  void shouldSayNotFoundForUnknownMatch() {
    given()
        .get("/api/v1/matches/{id}", UUID.randomUUID())
        .then()
        .statusCode(404)
        .body("code", equalTo("match_not_found"));
  }

  @Test
  void shouldIgnoreStaleTokenOnPublicPages() {
    given().header("Authorization", "Bearer garbage").get("/api/v1/matches").then().statusCode(200);
  }

  @Test
  void shouldShowCurrentNamesAndHideThoseOfDeletedAgents() {
    // Given
    Player renamed = known(Player.fresh());
    Player deleted = known(Player.fresh());
    UUID id = request(renamed, deleted);
    awaitStatus(id, "pending");
    // When
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              agents.put(
                  new AgentChanged(
                      renamed.agentId(), 2, renamed.ownerId(), "Right Hook", "pong", true));
              agents.bury(deleted.agentId(), 2);
            });
    // Then
    given()
        .get("/api/v1/matches/{id}", id)
        .then()
        .body("match.participants.name", contains("Right Hook", "deleted agent"));
  }

  /** Executors are noticed to be gone, so that what is requested next waits. */
  private void awaitGone() {
    await()
        .atMost(LIMIT)
        .until(() -> given().get("/q/metrics").asString().contains("arena_executors_alive 0.0"));
  }
}
