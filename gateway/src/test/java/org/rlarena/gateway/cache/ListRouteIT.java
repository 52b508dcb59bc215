package org.rlarena.gateway.cache;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.emptyString;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.gateway.FakeServices;
import org.rlarena.gateway.bus.BusReader;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.TestInfra;

/** Answers are kept for an hour here, so that only what is to drop them does. */
@QuarkusTest
@TestProfile(ListRouteIT.KeepLong.class)
@WithTestResource(FakeServices.class)
@WithTestResource(TestKeys.class)
@WithTestResource(TestInfra.class)
class ListRouteIT {

  private static final String AGENTS = "/api/v1/agents";
  private static final String PONG = "/api/v1/leaderboard/environment/pong";

  @Inject BusReader bus;

  public static class KeepLong implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of("arena.gateway.cache.lists", "1h");
    }
  }

  @BeforeEach
  void awaitBus() {
    await().until(bus::isCaughtUp);
  }

  /** The id of the request that the service answered: the same as long as its answer is kept. */
  private static String answered(String path) {
    return given().get(path).then().statusCode(200).extract().path("headers.x-request-id");
  }

  @ParameterizedTest
  @ValueSource(strings = {AGENTS, "/api/v1/leaderboard", PONG, AGENTS + "?page=2&search=x"})
  void shouldAnswerAgainWithoutAsking(String path) {
    String first = answered(path);

    assertThat(answered(path)).isEqualTo(first);
    assertThat(answered(path.replace(AGENTS, AGENTS + "/").replace("/?", "?"))).isEqualTo(first);
    assertThat(answered(path + (path.contains("?") ? "&" : "?") + "limit=1")).isNotEqualTo(first);
  }

  @Test
  void shouldAskForEverythingElse() {
    String agent = AGENTS + "/7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01";

    assertThat(answered(agent)).isNotEqualTo(answered(agent));
  }

  @Test
  void shouldSayWhenNothingHasChanged() {
    Response first = given().get(AGENTS + "?page=9");
    String etag = first.header("ETag");

    given()
        .header("If-None-Match", "\"other\", " + etag)
        .get(AGENTS + "?page=9")
        .then()
        .statusCode(304)
        .header("ETag", equalTo(etag))
        .header("Cache-Control", equalTo("no-cache"))
        .body(emptyString());
    given()
        .header("If-None-Match", "\"other\"")
        .get(AGENTS + "?page=9")
        .then()
        .statusCode(200)
        .body(equalTo(first.asString()));
    given()
        .head(AGENTS + "?page=9")
        .then()
        .statusCode(200)
        .header("Content-Length", String.valueOf(first.asByteArray().length))
        .body(emptyString());
  }

  @Test
  void shouldDropTheBoardsThatARatingChanges() {
    String pong = answered(PONG);
    String all = answered("/api/v1/leaderboard");
    String other = answered("/api/v1/leaderboard/environment/connect-four");
    try (Events events = Events.connect()) {
      events.publish(
          "rating.changed",
          "pong",
          "org.rlarena.rating.changed.v1",
          Contract.example("rating.changed.v1"));
    }

    await().untilAsserted(() -> assertThat(answered(PONG)).isNotEqualTo(pong));
    assertThat(answered("/api/v1/leaderboard")).isNotEqualTo(all);
    assertThat(answered("/api/v1/leaderboard/environment/connect-four")).isEqualTo(other);
  }

  @Test
  void shouldDropAllWhenAnAgentChanges() {
    String pong = answered(PONG);
    String agents = answered(AGENTS);
    try (Events events = Events.connect()) {
      events.publish(
          "agent.changed",
          "7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01",
          "org.rlarena.agent.changed.v1",
          Contract.example("agent.changed.v1"));
    }

    await().untilAsserted(() -> assertThat(answered(PONG)).isNotEqualTo(pong));
    assertThat(answered(AGENTS)).isNotEqualTo(agents);
  }

  @Test
  void shouldShowPeopleWhatTheyHaveJustDone() {
    String before = answered(AGENTS);

    given().body("{}").post(AGENTS).then().statusCode(200);

    await().untilAsserted(() -> assertThat(answered(AGENTS)).isNotEqualTo(before));
  }

  @Test
  void shouldLeaveFailuresToTheProxy() {
    given()
        .get("/api/v1/leaderboard/environment/pong?fail=x")
        .then()
        .statusCode(418)
        .contentType("application/problem+json")
        .body("instance", containsString("leaderboard"));
    assertThat(answered(PONG)).isNotNull();
  }
}
