package org.rlarena.gateway.limits;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.gateway.FakeServices;

/**
 * The contract's numbers. The test is a trusted proxy, so that each test has addresses of its own.
 */
@QuarkusTest
@TestProfile(LimitsTest.BehindProxy.class)
@WithTestResource(
    value = FakeServices.class,
    initArgs = @ResourceArg(name = "limits", value = "on"))
@WithTestResource(TestKeys.class)
class LimitsTest {

  private static final String ID = "7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a01";

  private final String address = randomAddress();

  public static class BehindProxy implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of("arena.gateway.trusted-proxies", "127.0.0.1/32,10.0.0.0/8");
    }
  }

  private static String randomAddress() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return "203.%d.%d.%d".formatted(random.nextInt(256), random.nextInt(256), random.nextInt(256));
  }

  private static RequestSpecification from(String address) {
    return given().header("X-Forwarded-For", address);
  }

  private static RequestSpecification as(String token) {
    return from(randomAddress()).header("Authorization", "Bearer " + token);
  }

  private static String newUser() {
    return TestTokens.user(UUID.randomUUID(), "ada");
  }

  private static void drain(RequestSpecification request, String method, String path, int most) {
    for (int i = 0; i < most; i++) {
      request.request(method, path).then().statusCode(200);
    }
  }

  @Test
  void shouldLetFiveLogInsPassAndSayWhenToTryAgain() {
    drain(from(address), "POST", "/api/v1/auth/login", 3);
    drain(from(address), "POST", "/api/v1/auth/register/", 2);

    Response refused = from(address).body("{}").post("/api/v1/auth/login");

    refused
        .then()
        .statusCode(429)
        .contentType("application/problem+json")
        .body("status", equalTo(429))
        .body("code", equalTo("rate_limited"))
        .body("error", equalTo("Rate limit exceeded"))
        .body("message", containsString("5 of these requests in 60 seconds"))
        .header("RateLimit-Limit", "5")
        .header("RateLimit-Remaining", "0")
        .header("X-RateLimit-Limit", "5")
        .header("X-RateLimit-Remaining", "0");
    int retryAfter = Integer.parseInt(refused.header("Retry-After"));
    assertThat(retryAfter).isBetween(1, 12);
    assertThat(refused.<Integer>path("retry_after")).isEqualTo(retryAfter);
    assertThat(Long.parseLong(refused.header("X-RateLimit-Reset")))
        .isBetween(Instant.now().getEpochSecond() + 1, Instant.now().getEpochSecond() + 61);
    // other things and other addresses are not touched
    from(address).get("/api/v1/agents").then().statusCode(200);
    from(randomAddress()).post("/api/v1/auth/login").then().statusCode(200);
  }

  @Test
  void shouldTellWhatIsLeft() {
    from(address)
        .get("/api/v1/agents")
        .then()
        .statusCode(200)
        .header("RateLimit-Limit", "100")
        .header("RateLimit-Remaining", "99")
        .header("RateLimit-Reset", "1")
        .header("Retry-After", nullValue());
    from(address)
        .get("/api/v1/matches/" + ID + "/replay")
        .then()
        .header("RateLimit-Limit", "20")
        .header("RateLimit-Remaining", "19");
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /api/v1/submissions, 5",
    "POST, /api/v1/submissions/ID/rebuild, 5",
    "POST, /api/v1/matches, 10"
  })
  void shouldCountUsersWhereverTheyCallFrom(String method, String path, int most) {
    String token = newUser();
    String asked = path.replace("ID", ID);
    for (int i = 0; i < most; i++) {
      as(token).request(method, asked).then().statusCode(200);
    }

    as(token).request(method, asked).then().statusCode(429).header("RateLimit-Limit", "" + most);

    as(newUser()).request(method, asked).then().statusCode(200);
    as(token).get(asked.replace("/rebuild", "")).then().statusCode(200);
  }

  @Test
  void shouldCountUploadsAndRebuildsTogether() {
    String token = newUser();
    for (int i = 0; i < 5; i++) {
      String path = "/api/v1/submissions" + (i % 2 == 0 ? "" : "/" + ID + "/rebuild");
      as(token).post(path).then().statusCode(200);
    }

    as(token).post("/api/v1/submissions/").then().statusCode(429);
  }

  @Test
  void shouldNotCountForgedTokensAsTheirUser() {
    UUID victim = UUID.randomUUID();
    for (int i = 0; i < 10; i++) {
      for (String token : TestTokens.refusedOf(victim, "ada")) {
        as(token).post("/api/v1/submissions");
      }
    }

    as(TestTokens.user(victim, "ada"))
        .post("/api/v1/submissions")
        .then()
        .statusCode(200)
        .header("RateLimit-Remaining", "4");
  }

  @Test
  void shouldCountReplaysByAddressWhoeverAsks() {
    String path = "/api/v1/matches/" + ID + "/replay?format=json";
    for (int i = 0; i < 20; i++) {
      from(address).header("Authorization", "Bearer " + newUser()).get(path).then().statusCode(200);
    }

    from(address).get(path).then().statusCode(429);

    from(address).get("/api/v1/matches/" + ID + "/replay-url").then().statusCode(200);
  }

  @Test
  void shouldLimitEverythingByAddress() {
    int refused = 0;
    for (int i = 0; i < 400 && refused == 0; i++) {
      refused += from(address).get("/unknown").statusCode() == 429 ? 1 : 0;
    }

    assertThat(refused).isEqualTo(1);
    given().get("/q/health/live").then().statusCode(200).header("RateLimit-Limit", nullValue());
    from(randomAddress()).get("/unknown").then().statusCode(404);
  }

  @Test
  void shouldLimitEverythingByUser() {
    String token = newUser();
    int refused = 0;
    for (int i = 0; i < 400 && refused == 0; i++) {
      refused += as(token).get("/unknown").statusCode() == 429 ? 1 : 0;
    }

    assertThat(refused).isEqualTo(1);
  }

  @Test
  void shouldBelieveProxiesAloneAboutAddresses() {
    // the client's own claim stands before what the proxies added
    for (int i = 0; i < 5; i++) {
      from(randomAddress() + ", " + address + ", 10.1.2.3")
          .post("/api/v1/auth/login")
          .then()
          .statusCode(200)
          .body("headers.'x-forwarded-for'", equalTo(address));
    }

    from(randomAddress() + ", " + address).post("/api/v1/auth/login").then().statusCode(429);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "evil.example", "1.2.3", "1.2.3.4:80", "", ",", "1.2.3.4, unknown"})
  void shouldFallBackToTheProxyWhenItWritesNoAddress(String claim) {
    from(claim)
        .get("/api/v1/agents")
        .then()
        .statusCode(200)
        .body("headers.'x-forwarded-for'", equalTo("127.0.0.1"));
  }

  @Test
  void shouldCountNetworksOfSixthVersionAsOne() {
    String network =
        "2001:db8:%x:%x:"
            .formatted(
                ThreadLocalRandom.current().nextInt(0x10000),
                ThreadLocalRandom.current().nextInt(0x10000));
    for (int i = 1; i <= 5; i++) {
      from(network + ":" + i).post("/api/v1/auth/login").then().statusCode(200);
    }

    from(network + "a:b:c:d").post("/api/v1/auth/login").then().statusCode(429);
  }

  @Test
  void shouldPassOnTheSchemeThatAProxySaw() {
    from(address)
        .header("X-Forwarded-Proto", "https")
        .get("/api/v1/agents")
        .then()
        .body("headers.'x-forwarded-proto'", equalTo("https"));
  }
}
