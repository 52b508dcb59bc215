package org.rlarena.webhook;

import static io.restassured.RestAssured.given;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.restassured.specification.RequestSpecification;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.infra.testing.TestInfra;

/** What all tests of the running service share: one start, one database, one broker. */
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "webhook_service"))
@WithTestResource(TestKeys.class)
@WithTestResource(ServiceTest.Settings.class)
public abstract class ServiceTest {

  /** Short pauses, and receivers on this machine. */
  public static class Settings implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
      return Map.of(
          "arena.webhook.secret-key", "a key that only this test run knows",
          "arena.webhook.trusted-hosts", "127.0.0.1",
          "arena.webhook.first-pause", "100ms",
          "arena.webhook.longest-pause", "200ms",
          "arena.webhook.attempts", "4",
          "arena.webhook.timeout", "5s",
          "arena.webhook.poll-interval", "100ms",
          "arena.webhook.keep-per-hook", "5",
          // the log is swept when a test says so
          "quarkus.scheduler.enabled", "false");
    }

    @Override
    public void stop() {}
  }

  /** A user that no other test knows. */
  public record User(UUID id, String username) {

    public static User fresh() {
      UUID id = UUID.randomUUID();
      return new User(id, "user-" + id.toString().substring(0, 8));
    }

    public RequestSpecification request() {
      return with(TestTokens.user(id, username));
    }

    public RequestSpecification program(String scopes) {
      return with(TestTokens.api(id, username, scopes));
    }

    /** Registers a hook and gives it with its secret. */
    public Hook registers(String url, String... events) {
      Map<String, Object> body = new HashMap<>();
      body.put("url", url);
      body.put("events", List.of(events));
      var answer =
          request().body(body).post("/api/v1/webhooks").then().statusCode(201).extract().jsonPath();
      return new Hook(this, answer.getString("webhook.id"), answer.getString("secret"));
    }

    private static RequestSpecification with(String token) {
      return given().header("Authorization", "Bearer " + token).contentType("application/json");
    }
  }

  /** A hook as its owner knows it. */
  public record Hook(User owner, String id, String secret) {

    public String path() {
      return "/api/v1/webhooks/" + id;
    }

    /** The newest entry of its log. */
    public Map<String, Object> newest() {
      return owner.request().get(path() + "/deliveries").jsonPath().getMap("deliveries[0]");
    }

    public int deliveries() {
      return owner.request().get(path() + "/deliveries").jsonPath().getInt("total");
    }
  }
}
