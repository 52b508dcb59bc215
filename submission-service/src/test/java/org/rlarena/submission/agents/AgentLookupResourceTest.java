package org.rlarena.submission.agents;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.rlarena.infra.testing.Contract;
import org.rlarena.submission.ServiceTest;

/** An upload that overtakes the event about its agent. */
@QuarkusTest
class AgentLookupResourceTest extends ServiceTest {

  @ConfigProperty(name = "quarkus.rest-client.agent-service.url")
  String neighbours;

  private final User owner = User.fresh();
  private final UUID agentId = UUID.randomUUID();

  /** Ends with a closed circuit breaker, so that no test inherits the failures of another. */
  @BeforeEach
  @AfterEach
  void recover() {
    mood("well");
    await().atMost(LIMIT).until(() -> upload(UUID.randomUUID()).extract().statusCode() == 404);
  }

  @Test
  void shouldAskTheOwnerOnceAndKeepTheAnswer() {
    // Given
    knownToAgentService(owner.id(), 5);
    int before = asked();

    // When
    upload(agentId).statusCode(201).body("submission.agentName", equalTo("Fresh"));
    upload(agentId).statusCode(201).body("submission.version", equalTo(2));

    // Then
    assertThat(asked()).isEqualTo(before + 1);
  }

  @Test
  void shouldNotFindAnAgentThatItsServiceDoesNotKnow() {
    upload(agentId).statusCode(404).body("code", equalTo("agent_not_found"));
  }

  @Test
  void shouldNotAskForADeletedAgent() {
    // Given
    knownToAgentService(owner.id(), 1);
    UUID id = UUID.fromString(upload(agentId).statusCode(201).extract().path("submission.id"));
    publishDeleted(agentId, 2);
    await().atMost(LIMIT).untilAsserted(() -> owner.reads(id).statusCode(404));
    int before = asked();

    // When, Then
    upload(agentId).statusCode(404).body("code", equalTo("agent_not_found"));
    assertThat(asked()).isEqualTo(before);
  }

  @Test
  void shouldCheckTheOwnerOfALookedUpAgent() {
    knownToAgentService(UUID.randomUUID(), 1);

    upload(agentId).statusCode(403).body("code", equalTo("not_owner"));
  }

  @Test
  void shouldAskToComeBackWhileAgentServiceFails() {
    // Given
    knownToAgentService(owner.id(), 1);
    mood("failing");

    // When, Then
    upload(agentId)
        .statusCode(503)
        .header("Retry-After", "2")
        .contentType("application/problem+json")
        .body("code", equalTo("agent_service_unavailable"));
    mood("well");
    await().atMost(LIMIT).until(() -> upload(agentId).extract().statusCode() == 201);
  }

  @Test
  void shouldWaitNoLongerThanAboutASecond() {
    // Given
    knownToAgentService(owner.id(), 1);
    mood("silent");
    Instant start = Instant.now();

    // When
    upload(agentId).statusCode(503);

    // Then
    assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(4));
  }

  @Test
  void shouldStopAskingWhileAgentServiceKeepsFailing() {
    // Given
    mood("failing");
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              int before = asked();
              upload(agentId).statusCode(503);
              return asked() == before;
            });

    // When: it is well again, the breaker lets a call through after its delay
    mood("well");

    // Then
    await().atMost(LIMIT).untilAsserted(() -> upload(agentId).statusCode(404));
  }

  @Test
  void shouldServeKnownAgentsMeanwhile() {
    mood("failing");

    owner.uploads(knownAgentOf(owner), "agent.py", CODE).statusCode(201);
  }

  private ValidatableResponse upload(UUID agent) {
    return owner.uploads(agent, "agent.py", CODE);
  }

  private void knownToAgentService(UUID ownerId, long sequence) {
    String json =
        Contract.exampleNode("agent.changed.v1")
            .put("agentId", agentId.toString())
            .put("ownerId", ownerId.toString())
            .put("name", "Fresh")
            .put("sequence", sequence)
            .toString();
    given().body(json).put(neighbours + "/test/agents/" + agentId).then().statusCode(204);
  }

  private void mood(String mood) {
    given().body(mood).put(neighbours + "/test/mood").then().statusCode(204);
  }

  private int asked() {
    return Integer.parseInt(given().get(neighbours + "/test/asked").asString());
  }
}
