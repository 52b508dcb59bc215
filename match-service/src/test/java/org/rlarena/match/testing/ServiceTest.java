package org.rlarena.match.testing;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.narayana.jta.QuarkusTransaction;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.WithTestResource;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.rlarena.access.testing.TestKeys;
import org.rlarena.access.testing.TestTokens;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.TestInfra;
import org.rlarena.match.directory.ActiveVersions;
import org.rlarena.match.directory.AgentChanged;
import org.rlarena.match.directory.Agents;
import org.rlarena.match.directory.Bundle;
import org.rlarena.match.directory.Environments;
import org.rlarena.match.directory.Environments.EnvironmentChanged;
import org.rlarena.match.directory.SubmissionActivated;
import org.rlarena.match.executors.Executors;
import org.rlarena.outbox.SchemaMigration;

/**
 * What all tests of the running service share: one start, one database, one broker. Each test
 * begins without matches and without executors.
 */
@WithTestResource(
    value = TestInfra.class,
    initArgs = @ResourceArg(name = "database", value = "match_service"))
@WithTestResource(TestKeys.class)
@WithTestResource(Neighbourhood.class)
public abstract class ServiceTest {

  protected static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String DIGEST = "9f".repeat(32);
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  @Inject protected Agents agents;
  @Inject protected ActiveVersions versions;
  @Inject protected Environments environments;
  @Inject protected EntityManager entities;
  @Inject SchemaMigration schema;
  @Inject Executors executors;

  protected Events events;

  @BeforeEach
  void begin() {
    schema.await();
    // That of the test before is gone: a match given to it would be a fault of its own.
    await().until(() -> executors.alive().isEmpty());
    sql("truncate match, match_participant, match_attempt, unplayable_submission, uploaded_object");
    events = Events.connect();
    QuarkusTransaction.requiringNew()
        .run(
            () ->
                environments.put(
                    new EnvironmentChanged("pong", System.nanoTime(), "0.1.2", true, true, 2, 2)));
  }

  @AfterEach
  void end() {
    events.close();
  }

  /** A user that no other test knows. */
  public record User(UUID id, String username) {

    public static User fresh() {
      UUID id = UUID.randomUUID();
      return new User(id, "user-" + id.toString().substring(0, 8));
    }

    public RequestSpecification request() {
      return given()
          .header("Authorization", "Bearer " + TestTokens.user(id, username))
          .contentType("application/json");
    }
  }

  /** An agent with the version that plays. */
  public record Player(UUID agentId, UUID ownerId, String name, UUID submissionId) {

    public static Player of(User owner) {
      UUID agentId = UUID.randomUUID();
      return new Player(
          agentId, owner.id(), "agent-" + agentId.toString().substring(0, 8), UUID.randomUUID());
    }

    public static Player fresh() {
      return of(User.fresh());
    }
  }

  /** An agent, with an active version, that this service has heard of. */
  protected Player known(Player player) {
    return known(player, "pong");
  }

  protected Player known(Player player, String environmentId) {
    QuarkusTransaction.requiringNew()
        .run(
            () -> {
              agents.put(
                  new AgentChanged(
                      player.agentId(), 1, player.ownerId(), player.name(), environmentId, true));
              versions.put(
                  new SubmissionActivated(
                      player.agentId(), 1, player.submissionId(), 3, bundle(), null));
            });
    return player;
  }

  protected static Bundle bundle() {
    return new Bundle("bundles/" + DIGEST + ".zip", DIGEST, 20480, "3.11", "linux_x86_64");
  }

  /** The payload of a request to let two agents play. */
  protected static ObjectNode requested(UUID matchId, Player first, Player second) {
    ObjectNode request =
        Contract.exampleNode("match.requested.v1").put("matchId", matchId.toString());
    ArrayNode seats = (ArrayNode) request.get("seats");
    fill((ObjectNode) seats.get(0), first);
    fill((ObjectNode) seats.get(1), second);
    return request;
  }

  private static void fill(ObjectNode seat, Player player) {
    seat.put("agentId", player.agentId().toString())
        .put("agentName", player.name())
        .put("ownerId", player.ownerId().toString())
        .put("submissionId", player.submissionId().toString());
  }

  /** matchmaking-service lets two agents play a rated match. */
  protected UUID request(Player first, Player second) {
    UUID matchId = UUID.randomUUID();
    publishRequested(matchId, requested(matchId, first, second));
    return matchId;
  }

  protected void publishRequested(UUID matchId, ObjectNode request) {
    events.publish(
        "match.requested",
        matchId.toString(),
        "org.rlarena.match.requested.v1",
        request.toString());
  }

  protected void publishDeleted(Player player, long sequence) {
    String json =
        Contract.exampleNode("agent.deleted.v1")
            .put("agentId", player.agentId().toString())
            .put("sequence", sequence)
            .toString();
    events.publish(
        "agent.changed", player.agentId().toString(), "org.rlarena.agent.deleted.v1", json);
  }

  /** The match as the public sees it, once it has that status. */
  protected JsonPath awaitStatus(UUID matchId, String status) {
    await()
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(
            () ->
                assertThat(match(matchId).getString("match.status"))
                    .as("status of match %s", matchId)
                    .isEqualTo(status));
    return match(matchId);
  }

  protected JsonPath match(UUID matchId) {
    return given().get("/api/v1/matches/{id}", matchId).jsonPath();
  }

  protected void sql(String statement) {
    QuarkusTransaction.requiringNew()
        .run(() -> entities.createNativeQuery(statement).executeUpdate());
  }

  protected long count(String query) {
    return QuarkusTransaction.requiringNew()
        .call(
            () ->
                ((Number) entities.createNativeQuery(query, Long.class).getSingleResult())
                    .longValue());
  }

  /** Puts an object as an executor does, by the URL it was given. */
  protected static int put(String uploadUrl, String body) {
    URI given = URI.create(uploadUrl);
    URI here =
        URI.create(
            "http://localhost:"
                + RestAssured.port
                + given.getRawPath()
                + (given.getRawQuery() == null ? "" : "?" + given.getRawQuery()));
    HttpRequest request =
        HttpRequest.newBuilder(here)
            .PUT(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8))
            .build();
    try {
      return HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
