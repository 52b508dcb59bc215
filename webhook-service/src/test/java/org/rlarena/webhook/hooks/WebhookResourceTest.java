package org.rlarena.webhook.hooks;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;

import io.quarkus.test.junit.QuarkusTest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlarena.webhook.ServiceTest;

@QuarkusTest
class WebhookResourceTest extends ServiceTest {

  private static final String HOOKS = "/api/v1/webhooks";
  private static final String URL = "https://example.org/hooks/arena";

  private final User ada = User.fresh();

  @Test
  void shouldShowTheSecretOnceAndNeverAgain() {
    // When
    var created =
        ada.request()
            .body(Map.of("url", URL, "events", List.of("rating.changed", "match.finished")))
            .post(HOOKS)
            .then();

    // Then
    created
        .statusCode(201)
        .header("Cache-Control", "no-store")
        .body("secret", matchesPattern("whsec_[A-Za-z0-9+/]{43}="))
        .body("webhook.url", equalTo(URL))
        .body("webhook.events", contains("match.finished", "rating.changed"))
        .body("webhook.description", equalTo(""))
        .body("webhook.enabled", equalTo(true));
    String id = created.extract().path("webhook.id");
    ada.request()
        .get(HOOKS + "/" + id)
        .then()
        .statusCode(200)
        .body("webhook.id", equalTo(id))
        .body(not(containsString("whsec_")));
    ada.request()
        .get(HOOKS)
        .then()
        .statusCode(200)
        .body("total", equalTo(1))
        .body("webhooks.id", contains(id))
        .body(not(containsString("whsec_")));
  }

  @Test
  void shouldGiveEachHookAndEachRotationAnotherSecret() {
    // Given
    Hook one = ada.registers(URL, "match.finished");
    Hook two = ada.registers(URL, "match.finished");

    // When
    var rotated = ada.request().post(one.path() + "/secret").then();

    // Then
    rotated
        .statusCode(200)
        .header("Cache-Control", "no-store")
        .body("secret", matchesPattern("whsec_[A-Za-z0-9+/]{43}="))
        .body("previousSecretUntil", notNullValue());
    String third = rotated.extract().path("secret");
    assertThat(List.of(one.secret(), two.secret(), third)).doesNotHaveDuplicates();
  }

  @Test
  void shouldChangeWhatIsSentAndKeepTheRest() {
    // Given
    Hook hook = ada.registers(URL, "match.finished");

    // When
    ada.request()
        .body(
            Map.of(
                "url",
                URL + "/2",
                "events",
                List.of("submission.built"),
                "description",
                "builds",
                "enabled",
                false))
        .put(hook.path())
        .then()
        .statusCode(200);
    ada.request()
        .body(Map.of("url", URL, "events", List.of("submission.built")))
        .put(hook.path())
        .then()
        .statusCode(200);

    // Then
    ada.request()
        .get(hook.path())
        .then()
        .body("webhook.url", equalTo(URL))
        .body("webhook.events", contains("submission.built"))
        .body("webhook.description", equalTo("builds"))
        .body("webhook.enabled", equalTo(false));
  }

  @Test
  void shouldForgetADeletedHook() {
    Hook hook = ada.registers(URL, "match.finished");

    ada.request().delete(hook.path()).then().statusCode(204);

    ada.request()
        .get(hook.path())
        .then()
        .statusCode(404)
        .body("code", equalTo("webhook_not_found"));
    ada.request().delete(hook.path()).then().statusCode(404);
  }

  @Test
  void shouldTakeTenOfAUserAlsoWhenAllComeAtOnce() throws Exception {
    // Given
    List<Callable<Integer>> tries =
        IntStream.range(0, 14)
            .<Callable<Integer>>mapToObj(
                i ->
                    () ->
                        ada.request()
                            .body(Map.of("url", URL, "events", List.of("match.finished")))
                            .post(HOOKS)
                            .statusCode())
            .toList();

    // When
    List<Future<Integer>> answers;
    try (var threads = Executors.newFixedThreadPool(tries.size())) {
      answers = threads.invokeAll(tries);
    }

    // Then
    assertThat(answers.stream().map(Future::resultNow))
        .containsOnly(201, 409)
        .filteredOn(status -> status == 201)
        .hasSize(10);
    ada.request().get(HOOKS).then().body("webhooks", hasSize(10));
    ada.request()
        .body(Map.of("url", URL, "events", List.of("match.finished")))
        .post(HOOKS)
        .then()
        .statusCode(409)
        .body("code", equalTo("webhook_limit_reached"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "no url",
        "example.org/hooks",
        "/hooks",
        "https:",
        "https://",
        "https:///path",
        "mailto:ada@example.org",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "http://example.org/hooks",
        "https://user:password@example.org/",
        "https://example.org/#part",
        "https://example.org:0/",
        "https://example.org:65536/",
        "https://exämple.org/",
        "https://127.0.0.2/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "http://localhost:8080/"
      })
  void shouldRefuseOtherUrls(String url) {
    ada.request()
        .body(Map.of("url", url, "events", List.of("match.finished")))
        .post(HOOKS)
        .then()
        .statusCode(400)
        .contentType("application/problem+json")
        .body("code", equalTo("invalid_url"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | invalid_url",
        "null | invalid_body",
        "[] | invalid_body",
        "not json | invalid_body",
        "{\"url\": 7, \"events\": [\"match.finished\"]} | invalid_body",
        "{\"url\": \"https://example.org/\"} | invalid_events",
        "{\"url\": \"https://example.org/\", \"events\": []} | invalid_events",
        "{\"url\": \"https://example.org/\", \"events\": [null]} | invalid_events",
        "{\"url\": \"https://example.org/\", \"events\": [\"match.created\"]} | invalid_events",
        "{\"url\": \"https://example.org/\", \"events\": \"match.finished\"} | invalid_body",
        "{\"url\": \"https://example.org/\", \"events\": [\"match.finished\"], \"enabled\":"
            + " \"yes\"} | invalid_body",
        "{\"url\": \"https://example.org/\", \"events\": [\"match.finished\"], \"description\":"
            + " \"a\\u0000b\"} | invalid_description",
        "{\"url\": \"https://example.org/\", \"events\": [\"match.finished\"], \"description\":"
            + " \"\\ud800\"} | invalid_description"
      })
  void shouldRefuseOtherBodies(String body, String code) {
    Hook hook = ada.registers(URL, "match.finished");

    for (var answer :
        Arrays.asList(
            ada.request().body(body).post(HOOKS), ada.request().body(body).put(hook.path()))) {
      answer.then().statusCode(400).body("code", equalTo(code));
    }
  }

  @Test
  void shouldRefuseLongTexts() {
    for (var body :
        List.of(
            Map.of(
                "url",
                "https://example.org/" + "x".repeat(2000),
                "events",
                List.of("match.finished")),
            Map.of(
                "url", URL, "events", List.of("match.finished"), "description", "x".repeat(201)))) {
      ada.request().body(body).post(HOOKS).then().statusCode(400);
    }
  }

  @Test
  void shouldShowNobodyElsesHooks() {
    // Given
    Hook hook = ada.registers(URL, "match.finished");
    User eve = User.fresh();
    Map<String, Object> body = Map.of("url", URL, "events", List.of("match.finished"));

    // Then
    eve.request().get(hook.path()).then().statusCode(404);
    eve.request().body(body).put(hook.path()).then().statusCode(404);
    eve.request().delete(hook.path()).then().statusCode(404);
    eve.request().post(hook.path() + "/secret").then().statusCode(404);
    eve.request().post(hook.path() + "/ping").then().statusCode(404);
    eve.request().get(hook.path() + "/deliveries").then().statusCode(404);
    eve.request()
        .post(hook.path() + "/deliveries/" + UUID.randomUUID() + "/replay")
        .then()
        .statusCode(404);
    eve.request().get(HOOKS).then().body("total", equalTo(0));
    ada.request().get(hook.path()).then().statusCode(200);
  }

  @Test
  void shouldWantATokenOfAPersonForChanges() {
    Hook hook = ada.registers(URL, "match.finished");

    given().get(HOOKS).then().statusCode(401);
    given().contentType("application/json").body("{}").post(HOOKS).then().statusCode(401);
    ada.program("read").get(hook.path()).then().statusCode(200);
    ada.program("agents:write").get(hook.path()).then().statusCode(403);
    for (String path : List.of("/secret", "/ping")) {
      ada.program("read agents:write submissions:write matches:write")
          .post(hook.path() + path)
          .then()
          .statusCode(403)
          .body("code", equalTo("insufficient_scope"));
    }
    ada.program("read").delete(hook.path()).then().statusCode(403);
  }

  @ParameterizedTest
  @ValueSource(strings = {"7", "not-a-uuid", "00000000-0000-0000-0000-00000000000g"})
  void shouldFindNothingUnderOtherIds(String id) {
    ada.request().get(HOOKS + "/" + id).then().statusCode(404);
    ada.request().get(HOOKS + "/" + id + "/deliveries").then().statusCode(404);
    ada.request().post(HOOKS + "/" + id + "/ping").then().statusCode(404);
    Hook hook = ada.registers(URL, "match.finished");
    ada.request()
        .post(hook.path() + "/deliveries/" + id + "/replay")
        .then()
        .statusCode(404)
        .body("code", equalTo("delivery_not_found"));
  }
}
