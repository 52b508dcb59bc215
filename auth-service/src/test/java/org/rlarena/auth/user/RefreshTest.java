package org.rlarena.auth.user;

import static io.restassured.RestAssured.given;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.startsWith;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.auth.MovableClock;
import org.rlarena.auth.Service;

@QuarkusTest
@Service
class RefreshTest {

  @Inject MovableClock clock;

  @AfterEach
  void resetClock() {
    clock.reset();
  }

  @Test
  void shouldAnswerClientsOfTheReferenceWithWhatTheyKnow() {
    Map<String, Object> answer = AccountFixture.registered(AccountFixture.freshName()).getMap("$");

    assertThat(answer).containsOnlyKeys("token", "user");
  }

  @Test
  void shouldGiveShortTokenAndRefreshTokenOnRequest() {
    // Given
    String name = AccountFixture.freshName();
    AccountFixture.registered(name);

    // When
    JsonPath answer = AccountFixture.logIn(name, Map.of("refresh", true)).jsonPath();

    // Then
    Duration left = Duration.between(Instant.now(), Instant.parse(answer.getString("expiresAt")));
    assertThat(left).isBetween(Duration.ofMinutes(14), Duration.ofMinutes(15));
    assertThat(answer.getString("refreshToken")).startsWith("rla_rt_").hasSize(7 + 43);
    assertThat(AccountFixture.profile(answer.getString("token"))).isEqualTo(200);
  }

  @Test
  void shouldRotateWithEachUse() {
    // Given
    JsonPath first = AccountFixture.renewable(AccountFixture.freshName());

    // When
    JsonPath second = refreshed(first.getString("refreshToken"));
    JsonPath third = refreshed(second.getString("refreshToken"));

    // Then
    assertThat(
            List.of(
                first.getString("refreshToken"),
                second.getString("refreshToken"),
                third.getString("refreshToken")))
        .doesNotHaveDuplicates();
    assertThat(AccountFixture.profile(third.getString("token"))).isEqualTo(200);
  }

  @Test
  void shouldEndTheFamilyWhenARefreshTokenIsUsedAgain() {
    // Given: a thief and the user hold the same token; one of them used it
    JsonPath first = AccountFixture.renewable(AccountFixture.freshName());
    JsonPath second = refreshed(first.getString("refreshToken"));
    clock.advance(Duration.ofSeconds(11));

    // When
    var replay = AccountFixture.refresh(first.getString("refreshToken"));
    var again = AccountFixture.refresh(first.getString("refreshToken"));
    var newest = AccountFixture.refresh(second.getString("refreshToken"));

    // Then
    replay.then().statusCode(401).body("code", equalTo("refresh_token_reused"));
    again.then().statusCode(401).body("code", equalTo("refresh_token_invalid"));
    newest.then().statusCode(401).body("code", equalTo("refresh_token_invalid"));
    for (JsonPath pair : List.of(first, second)) {
      await()
          .atMost(ofSeconds(60))
          .untilAsserted(
              () -> assertThat(AccountFixture.profile(pair.getString("token"))).isEqualTo(401));
    }
  }

  @Test
  void shouldLetOneOfEightConcurrentRefreshesThroughAndKeepTheSession() throws Exception {
    // Given
    JsonPath first = AccountFixture.renewable(AccountFixture.freshName());

    // When
    List<Response> answers;
    try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
      answers =
          pool
              .invokeAll(
                  IntStream.range(0, 8)
                      .mapToObj(
                          i ->
                              (Callable<Response>)
                                  () -> AccountFixture.refresh(first.getString("refreshToken")))
                      .toList())
              .stream()
              .map(Future::resultNow)
              .toList();
    }

    // Then
    assertThat(answers)
        .extracting(Response::statusCode)
        .containsOnly(200, 409)
        .containsOnlyOnce(200);
    for (var answer : answers) {
      if (answer.statusCode() == 200) {
        refreshed(answer.jsonPath().getString("refreshToken"));
      } else {
        answer.then().body("code", equalTo("refresh_superseded"));
      }
    }
  }

  @Test
  void shouldForgetRefreshTokenThatIsNotUsed() {
    JsonPath first = AccountFixture.renewable(AccountFixture.freshName());

    clock.advance(Duration.ofDays(14).plusSeconds(1));

    refused(first.getString("refreshToken"));
  }

  @Test
  void shouldEndSessionAtItsLongestHoweverActive() {
    // Given
    JsonPath newest = AccountFixture.renewable(AccountFixture.freshName());
    for (int days = 0; days < 88; days += 11) {
      clock.advance(Duration.ofDays(11));
      newest = refreshed(newest.getString("refreshToken"));
    }

    // When
    clock.advance(Duration.ofDays(2).plusSeconds(1));

    // Then
    refused(newest.getString("refreshToken"));
  }

  @Test
  void shouldRefuseAccessTokenAsRefreshToken() {
    refused(
        AccountFixture.renewable(AccountFixture.freshName()).getString("token").substring(0, 150));
  }

  @Test
  void shouldRefuseRefreshTokenAsAccessToken() {
    String refreshToken =
        AccountFixture.renewable(AccountFixture.freshName()).getString("refreshToken");

    assertThat(AccountFixture.profile(refreshToken)).isEqualTo(401);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "rla_rt_",
        "rla_rt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "' or 1=1 --",
        "../../etc/passwd"
      })
  void shouldRefuseUnknownRefreshToken(String token) {
    refused(token);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"refreshToken\":null}",
        "{\"refreshToken\":[]}",
        "{\"refreshToken\":{}}",
        "{\"refreshToken\":\"\"}",
        "{\"refreshToken\":\"\\u0000\"}"
      })
  void shouldRefuseMalformedBody(String body) {
    given()
        .contentType("application/json")
        .body(body)
        .post("/api/v1/auth/refresh")
        .then()
        .statusCode(400)
        .contentType(startsWith("application/problem+json"));
  }

  private static JsonPath refreshed(String refreshToken) {
    return AccountFixture.refresh(refreshToken).then().statusCode(200).extract().jsonPath();
  }

  private static void refused(String refreshToken) {
    AccountFixture.refresh(refreshToken)
        .then()
        .statusCode(401)
        .body("code", equalTo("refresh_token_invalid"));
  }
}
