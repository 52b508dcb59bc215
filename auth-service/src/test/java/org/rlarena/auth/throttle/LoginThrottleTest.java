package org.rlarena.auth.throttle;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rlarena.auth.MovableClock;
import org.rlarena.auth.Service;
import org.rlarena.auth.user.AccountFixture;

@QuarkusTest
@Service
class LoginThrottleTest {

  @Inject MovableClock clock;
  @Inject LoginThrottle throttle;
  @Inject MeterRegistry metrics;

  private final String name = AccountFixture.freshName();
  private final String address = freshAddress();

  @BeforeEach
  void stopClock() {
    clock.stop();
  }

  @AfterEach
  void resetClock() {
    clock.reset();
  }

  @Test
  void shouldMakeWrongPasswordsWaitLongerAndLonger() {
    // Given
    AccountFixture.registered(name);
    for (int i = 0; i < 5; i++) {
      wrong(name, address).then().statusCode(401);
    }

    // When each wait is served
    for (int wait = 1; wait <= 256; wait *= 2) {
      refused(wrong(name, address), wait);
      clock.advance(Duration.ofSeconds(wait));
      wrong(name, address).then().statusCode(401);
    }

    // Then it has grown to five minutes and no more
    refused(wrong(name, address), 300);
    clock.advance(Duration.ofSeconds(300));
    wrong(name, address).then().statusCode(401);
    refused(wrong(name, address), 300);
  }

  @Test
  void shouldNotLookAtTheRightPasswordWhileItIsToWait() {
    // Given
    AccountFixture.registered(name);
    for (int i = 0; i < 5; i++) {
      wrong(name, address);
    }

    // When
    Response early = right(name, address);
    clock.advance(Duration.ofSeconds(1));
    Response later = right(name, address);

    // Then
    refused(early, 1);
    later.then().statusCode(200);
    // and the account starts anew
    for (int i = 0; i < 5; i++) {
      wrong(name, address).then().statusCode(401);
    }
  }

  @Test
  void shouldNotShutOutTheUserWhoseAccountIsAttacked() {
    // Given: 110 wrong passwords from many places, and one place that goes on
    AccountFixture.registered(name);
    for (int i = 0; i < 105; i++) {
      throttle.judge(name + "@example.org", "203.0." + i + ".1", () -> false);
    }
    wrong(name, address).then().statusCode(401);

    // When
    Response attacker = wrong(name, address);
    Response user = right(name, freshAddress());

    // Then: an unknown place has one free try, and the next is far away
    refused(attacker, 1);
    user.then().statusCode(200);
  }

  @Test
  void shouldSlowDownOnePlaceThatTriesManyAccounts() {
    // Given
    for (int i = 0; i < 30; i++) {
      throttle.judge("spray-" + i + name, address, () -> false);
    }
    AccountFixture.registered(name);

    // Then
    refused(wrong(name, address), 1);
    right(name, freshAddress()).then().statusCode(200);
    clock.advance(Duration.ofMinutes(16));
    right(name, address).then().statusCode(200);
  }

  @Test
  void shouldTreatAccountsThatDoNotExistAlike() {
    // Given
    String unknown = AccountFixture.freshName();
    String elsewhere = freshAddress();
    AccountFixture.registered(name);

    for (int i = 0; i < 5; i++) {
      // When
      long before = hashed();
      Response known = wrong(name, address);
      long between = hashed();
      Response nobody = wrong(unknown, elsewhere);
      long after = hashed();

      // Then: status, body, and the work that takes the time
      assertThat(nobody.statusCode()).isEqualTo(known.statusCode()).isEqualTo(401);
      assertThat(nobody.asString()).isEqualTo(known.asString());
      assertThat(between - before).isEqualTo(after - between).isEqualTo(1);
    }
    Response known = wrong(name, address);
    Response nobody = wrong(unknown, elsewhere);
    refused(known, 1);
    assertThat(nobody.asString()).isEqualTo(known.asString());
    assertThat(nobody.header("Retry-After")).isEqualTo(known.header("Retry-After"));
  }

  @Test
  void shouldCountTriesThatAreMadeAtOnce() throws Exception {
    // Given
    Callable<Boolean> attempt =
        () -> {
          try {
            throttle.judge(name, address, () -> false);
            return true;
          } catch (io.quarkiverse.resteasy.problem.HttpProblem e) {
            return false;
          }
        };

    // When
    List<Boolean> tried;
    try (ExecutorService pool = Executors.newFixedThreadPool(20)) {
      tried =
          pool.invokeAll(IntStream.range(0, 40).mapToObj(i -> attempt).toList()).stream()
              .map(Future::resultNow)
              .toList();
    }

    // Then
    assertThat(tried.stream().filter(judged -> judged).count()).isEqualTo(5);
  }

  @Test
  void shouldNotCountWhatWasNotJudged() {
    for (int i = 0; i < 20; i++) {
      try {
        throttle.judge(
            name,
            address,
            () -> {
              throw new IllegalStateException("too busy to look at it");
            });
      } catch (IllegalStateException expected) {
        // the caller is told so
      }
    }

    assertThat(throttle.judge(name, address, () -> true)).isTrue();
  }

  @Test
  void shouldThrottleTheQuestionForTheOldPasswordToo() {
    // Given
    String token = AccountFixture.registered(name).getString("token");
    Map<String, String> guess =
        Map.of("currentPassword", "guessed", "newPassword", "correct horse battery 2");

    // When
    for (int i = 0; i < 5; i++) {
      AccountFixture.put("/api/v1/users/me/password", token, guess).then().statusCode(403);
    }

    // Then
    refused(AccountFixture.put("/api/v1/users/me/password", token, guess), 1);
  }

  private long hashed() {
    return metrics.get("arena_auth_password_hash").timer().count();
  }

  private static void refused(Response answer, int seconds) {
    answer
        .then()
        .statusCode(429)
        .contentType("application/problem+json")
        .header("Retry-After", String.valueOf(seconds))
        .body("code", equalTo("too_many_attempts"), "detail", containsString("Wait " + seconds));
  }

  private static Response wrong(String user, String from) {
    return logIn(user, from, "not the password");
  }

  private static Response right(String user, String from) {
    return logIn(user, from, AccountFixture.PASSWORD);
  }

  private static Response logIn(String user, String from, String password) {
    return given()
        .header("X-Forwarded-For", from)
        .contentType("application/json")
        .body(Map.of("email", user + "@example.org", "password", password))
        .post("/api/v1/auth/login");
  }

  private static String freshAddress() {
    var random = ThreadLocalRandom.current();
    return "2001:db8:%x:%x::1".formatted(random.nextInt(1, 65536), random.nextInt(1, 65536));
  }
}
