package org.rlarena.gateway.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpMethod;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.gateway.Service;
import org.rlarena.gateway.routing.RouteTable.Forward;
import org.rlarena.gateway.routing.RouteTable.Refuse;

class RouteTableTest {

  private static final String ID = "7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01";

  private final RouteTable table = new RouteTable();

  @ParameterizedTest
  @CsvSource({
    "GET, /.well-known/jwks.json, AUTH",
    "POST, /api/v1/auth/register, AUTH",
    "POST, /api/v1/auth/login, AUTH",
    "POST, /api/v1/auth/logout, AUTH",
    "PUT, /api/v1/users/me, AUTH",
    "PUT, /api/v1/users/me/password, AUTH",
    "DELETE, /api/v1/users/me/sessions/ID, AUTH",
    "POST, /api/v1/users/me/tokens, AUTH",
    "POST, /api/v1/admin/users/ID/ban, AUTH",
    "POST, /api/v1/admin/agents/ID/disable, AGENT",
    "POST, /api/v1/admin/environments/pong/enable, AGENT",
    "POST, /api/v1/admin/matches/ID/rerun, MATCH",
    "GET, /api/v1/admin/audit/users, AUTH",
    "GET, /api/v1/admin/audit/agents, AGENT",
    "GET, /api/v1/admin/audit/matches, MATCH",
    "GET, /api/v1/agents, AGENT",
    "POST, /api/v1/agents, AGENT",
    "GET, /api/v1/agents/my, AGENT",
    "GET, /api/v1/agents/ID, AGENT",
    "PUT, /api/v1/agents/ID, AGENT",
    "DELETE, /api/v1/agents/ID, AGENT",
    "GET, /api/v1/agents/ID/stats, RATING",
    "GET, /api/v1/agents/ID/ratings, RATING",
    "GET, /api/v1/agents/ID/versus/ID, MATCH",
    "GET, /api/v1/environments, AGENT",
    "GET, /api/v1/environments/tic-tac-toe, AGENT",
    "POST, /api/v1/submissions, SUBMISSION",
    "GET, /api/v1/submissions/ID, SUBMISSION",
    "GET, /api/v1/submissions/agent/ID, SUBMISSION",
    "PUT, /api/v1/submissions/ID/activate, SUBMISSION",
    "GET, /api/v1/submissions/ID/build-status, SUBMISSION",
    "GET, /api/v1/submissions/ID/build-logs, BUILD",
    "GET, /api/v1/submissions/ID/scan, BUILD",
    "GET, /api/v1/submissions/ID/sbom, BUILD",
    "POST, /api/v1/submissions/ID/rebuild, SUBMISSION",
    "POST, /api/v1/matches, MATCH",
    "GET, /api/v1/matches, MATCH",
    "GET, /api/v1/matches/replays, MATCH",
    "GET, /api/v1/matches/ID, MATCH",
    "GET, /api/v1/matches/ID/replay, MATCH",
    "GET, /api/v1/matches/ID/replay-url, MATCH",
    "GET, /api/v1/matches/agent/ID, MATCH",
    "GET, /api/v1/matches/ID/logs, MATCH",
    "GET, /api/v1/matchmaking/queue, MATCHMAKING",
    "GET, /api/v1/matchmaking/agents/ID, MATCHMAKING",
    "POST, /api/v1/webhooks, WEBHOOK",
    "PUT, /api/v1/webhooks/ID, WEBHOOK",
    "POST, /api/v1/webhooks/ID/deliveries/ID/replay, WEBHOOK",
    "GET, /api/v1/leaderboard, RATING",
    "GET, /api/v1/leaderboard/environment/pong, RATING",
  })
  void shouldSendPathToItsService(String method, String path, Service service) {
    String asked = path.replace("ID", ID);

    assertThat(table.decide(HttpMethod.valueOf(method), asked, "a=b"))
        .isInstanceOfSatisfying(
            Forward.class,
            forward -> {
              assertThat(forward.service()).isEqualTo(service);
              assertThat(forward.path()).isEqualTo(asked);
              assertThat(forward.query()).isEqualTo("a=b");
              assertThat(forward.template()).doesNotContain(ID);
              assertThat(forward.file()).isFalse();
            });
    assertThat(table.decide(HttpMethod.valueOf(method), asked + "/", "a=b"))
        .isEqualTo(table.decide(HttpMethod.valueOf(method), asked, "a=b"));
  }

  @ParameterizedTest
  @CsvSource({"GET, json", "HEAD, html"})
  void shouldAskMatchServiceForStoredReplays(String method, String ending) {
    String path = "/storage/replays/" + ID + "." + ending;

    assertThat(table.decide(HttpMethod.valueOf(method), path, null))
        .isEqualTo(
            new Forward(
                Service.MATCH, "/storage/replays/{uuid}." + ending, path, null, true, true));
    assertThat(table.decide(HttpMethod.DELETE, path, null)).isInstanceOf(Refuse.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/internal/agents/ID",
        "//internal/agents/ID",
        "/api/v1/../internal/agents/ID",
        "/api/v1/agents/../../../internal/agents/ID",
        "/api/v1/%2e%2e/internal/agents/ID",
        "/api/v1/agents/..%2f..%2finternal/agents/ID",
        "/api/v1/agents/ID/..%2f..%2f..%2f..%2finternal",
        "/api/v1/agents/ID/%2e%2e/%2e%2e",
        "/api/v1/agents/ID/../../../../q/metrics",
        "/api/v1/agents/ID/..;/..;/internal",
        "/api/v1/auth/..",
        "/api/v1/auth/./x",
        "/api/v1/auth/a\\b",
        "/api/v1/auth/a%00",
        "/api/v1/auth//login",
        "/api/v1/agents//",
        "/api/v1//agents",
        "/api/v1/users/me/submission-stats",
        "/api/v1/users/ID",
        "/api/v1/leaderboard/.hidden",
        "/q/health/ready",
        "/q/metrics",
        "/q/openapi",
        "/storage/submissions/ID.py",
        "/storage/replays/ID",
        "/storage/replays/ID.txt",
        "/storage/replays/..json",
        "/API/V1/agents",
        "/api/v1",
        "/api",
        "/ws",
        "*",
        "agents"
      })
  void shouldKnowNoOtherPath(String path) {
    assertThat(table.decide(HttpMethod.GET, path.replace("ID", ID), null))
        .isInstanceOfSatisfying(Refuse.class, refuse -> assertThat(refuse.status()).isEqualTo(404));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/v1/agents/abc",
        "/api/v1/agents/abc/stats",
        "/api/v1/agents/ID/versus/not-a-uuid",
        "/api/v1/submissions/1/build-logs",
        "/api/v1/submissions/agent/me",
        "/api/v1/matches/7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a0",
        "/api/v1/matches/agent/undefined",
        "/storage/replays/latest.json"
      })
  void shouldSayThatAnIdIsNone(String path) {
    assertThat(table.decide(HttpMethod.GET, path.replace("ID", ID), null))
        .isInstanceOfSatisfying(
            Refuse.class,
            refuse -> {
              assertThat(refuse.status()).isEqualTo(404);
              assertThat(refuse.detail()).contains("not a UUID");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"undefined/replay", "match_undefined/replay", "undefined/replay-url"})
  void shouldSayThatThereIsNoMatchYet(String path) {
    assertThat(table.decide(HttpMethod.GET, "/api/v1/matches/" + path, "format=json"))
        .isInstanceOfSatisfying(
            Refuse.class,
            refuse -> {
              assertThat(refuse.status()).isEqualTo(400);
              assertThat(refuse.detail()).contains("no match yet");
            });
  }

  @Test
  void shouldRefuseMethodsNobodyUses() {
    for (String method : new String[] {"TRACE", "CONNECT", "PROPFIND", "FOO"}) {
      assertThat(table.decide(HttpMethod.valueOf(method), "/api/v1/agents", null))
          .isInstanceOfSatisfying(
              Refuse.class, refuse -> assertThat(refuse.status()).isEqualTo(405));
    }
  }

  @Test
  void shouldTellWhichDocumentedPathsArePublic() {
    assertThat(table.isPublic(Service.AGENT, "/api/v1/agents/{id}")).isTrue();
    assertThat(table.isPublic(Service.RATING, "/api/v1/agents/{id}/stats")).isTrue();
    assertThat(table.isPublic(Service.AGENT, "/api/v1/agents/{id}/stats")).isFalse();
    assertThat(table.isPublic(Service.MATCH, "/api/v1/agents/{id}")).isFalse();
    assertThat(table.isPublic(Service.AGENT, "/internal/agents/{id}")).isFalse();
    assertThat(table.isPublic(Service.SUBMISSION, "/api/v1/users/me/submission-stats")).isFalse();
  }
}
