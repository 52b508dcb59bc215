package org.rlarena.agent.environments;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rlarena.agent.ServiceTest;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.ReceivedEvent;

@QuarkusTest
class CatalogueIT extends ServiceTest {

  private static final String OFFERS = "executor.environments";
  private static final String OFFERED = "org.rlarena.executor.environments-offered.v1";
  private static final String CHANGES = "environment.changed";
  private static final AtomicLong SEQUENCE = new AtomicLong(100);

  private final Events events = Events.connect();

  @AfterEach
  void close() {
    events.close();
  }

  @Test
  void shouldTellReadersOfWhatCameWithTheDatabase() {
    for (String id : List.of("pong", "tic-tac-toe", "connect-four")) {
      ReceivedEvent first =
          events.await(
              CHANGES,
              event -> id.equals(event.key()) && event.data().get("sequence").asInt() == 1);
      Contract.assertMatches(first);
      assertThat(first.data().get("enabled").asBoolean()).isTrue();
      assertThat(first.data().get("offered").asBoolean()).isFalse();
    }
  }

  @Test
  void shouldFollowWhatExecutorsOffer() {
    // Given
    String go = fresh();

    // When
    offer(environment(go, "1"));
    awaitState(go, true, "1");
    offer(environment(go, "1"));
    offer(environment(go, "2"));
    awaitState(go, true, "2");
    offer();
    awaitState(go, false, "2");
    offer(environment(go, "2"));

    // Then
    awaitState(go, true, "2");
    List<ReceivedEvent> told = toldOf(go, 4);
    told.forEach(Contract::assertMatches);
    assertThat(told)
        .extracting(event -> event.data().get("offered").asBoolean())
        .containsExactly(true, true, false, true);
    assertThat(told)
        .extracting(event -> event.data().get("version").asText())
        .containsExactly("1", "2", "2", "2");
    given()
        .get("/api/v1/environments/" + go)
        .then()
        .body("environment.enabled", equalTo(true))
        .body("environment.maxSteps", equalTo(1000))
        .body("environment.config.actionSpace.n", equalTo(3))
        .body("environment.participantCount", equalTo(0));
  }

  @Test
  void shouldLetAgentsBeCreatedForWhatAnExecutorBrought() {
    String go = fresh();
    offer(environment(go, "1"));
    awaitState(go, true, "1");

    User.fresh().creates("Stone", go);

    given()
        .get("/api/v1/environments/" + go)
        .then()
        .body("environment.participantCount", equalTo(1));
  }

  @Test
  void shouldIgnoreRepeatedAndLateLists() {
    // Given
    String go = fresh();
    long late = SEQUENCE.incrementAndGet();
    ObjectNode newest = list(SEQUENCE.incrementAndGet(), environment(go, "2"));
    String id = events.publish(OFFERS, "executors", OFFERED, newest.toString());
    awaitState(go, true, "2");

    // When
    events.publish(id, OFFERS, "executors", OFFERED, newest.toString());
    events.publish(OFFERS, "executors", OFFERED, newest.toString());
    events.publish(OFFERS, "executors", OFFERED, list(late, environment(go, "1")).toString());
    String marker = fresh();
    offer(environment(go, "2"), environment(marker, "1"));

    // Then
    awaitState(marker, true, "1");
    awaitState(go, true, "2");
    assertThat(toldOf(go, 1)).hasSize(1);
  }

  @Test
  void shouldSetUnreadableListsAsideAndGoOn() {
    // Given
    String go = fresh();
    String broken = "broken " + UUID.randomUUID();

    // When
    events.publishRaw(OFFERS, "executors", broken.getBytes(), Map.of());
    events.publish(
        OFFERS, "executors", OFFERED, list(SEQUENCE.get(), environment(go, null)).toString());
    offer(environment(go, "1"));

    // Then
    awaitState(go, true, "1");
    assertThat(events.deadLetters(OFFERS, "agent-service"))
        .anyMatch(letter -> letter.data().asText().equals(broken))
        .anyMatch(letter -> letter.data().toString().contains(go));
  }

  @Test
  void shouldReadPublishedExample() {
    ObjectNode example = Contract.exampleNode("executor.environments-offered.v1");
    example.put("sequence", SEQUENCE.incrementAndGet());

    events.publish(OFFERS, "executors", OFFERED, example.toString());

    awaitState("pong", true, "0.1.2");
  }

  private static String fresh() {
    return "go-" + UUID.randomUUID().toString().substring(0, 8);
  }

  private void offer(ObjectNode... environments) {
    events.publish(
        OFFERS, "executors", OFFERED, list(SEQUENCE.incrementAndGet(), environments).toString());
  }

  private static ObjectNode list(long sequence, ObjectNode... environments) {
    ObjectNode event = Contract.exampleNode("executor.environments-offered.v1");
    event.put("sequence", sequence);
    ArrayNode offers = event.putArray("environments");
    for (ObjectNode environment : environments) {
      offers.add(environment);
    }
    return event;
  }

  private static ObjectNode environment(String id, String version) {
    ObjectNode offer =
        (ObjectNode)
            Contract.exampleNode("executor.environments-offered.v1")
                .get("environments")
                .get(0)
                .deepCopy();
    return offer.put("environmentId", id).put("name", "Go").put("version", version);
  }

  private static void awaitState(String id, boolean offered, String version) {
    await()
        .untilAsserted(
            () ->
                given()
                    .get("/api/v1/environments/" + id)
                    .then()
                    .statusCode(200)
                    .body("environment.offered", equalTo(offered))
                    .body("environment.version", equalTo(version)));
  }

  /** Events of one environment, at least so many. */
  private List<ReceivedEvent> toldOf(String id, int count) {
    events.await(
        CHANGES, event -> id.equals(event.key()) && event.data().get("sequence").asInt() == count);
    return events.on(CHANGES).stream().filter(event -> id.equals(event.key())).toList();
  }
}
