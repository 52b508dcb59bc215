package org.rlarena.agent.agents;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.rlarena.agent.ServiceTest;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.Events;
import org.rlarena.infra.testing.ReceivedEvent;

/** What this service tells others of agents. */
@QuarkusTest
class AgentEventsIT extends ServiceTest {

  private static final String TOPIC = "agent.changed";

  private final Events events = Events.connect();
  private final User ada = User.fresh();

  @AfterEach
  void close() {
    events.close();
  }

  @Test
  void shouldPublishWholeLifeInOrder() {
    // Given
    String id = ada.creates("Left Hook", "pong");
    String path = "/api/v1/agents/" + id;

    // When
    ada.request().body(Map.of("name", "Right Hook", "description", "Hits.")).put(path);
    ada.request().body(Map.of("name", "Right Hook")).put(path);
    ada.request().delete(path);

    // Then
    events.await(TOPIC, event -> isOf(event, id) && event.type().equals(AgentDeleted.TYPE));
    List<ReceivedEvent> life = eventsOf(id);
    life.forEach(Contract::assertMatches);
    assertThat(life)
        .extracting(ReceivedEvent::type)
        .containsExactly(AgentChanged.TYPE, AgentChanged.TYPE, AgentDeleted.TYPE);
    assertThat(life)
        .extracting(event -> event.data().get("sequence").asInt())
        .containsExactly(1, 2, 3);
    assertThat(life).extracting(ReceivedEvent::subject).containsOnly(id);
    assertThat(life)
        .extracting(event -> event.headers().get("ce_source"))
        .containsOnly("/agent-service");
    assertThat(life.get(0).data().get("name").asText()).isEqualTo("Left Hook");
    assertThat(life.get(0).data().get("ownerId").asText()).isEqualTo(ada.id().toString());
    assertThat(life.get(0).data().get("description").asText()).isEmpty();
    assertThat(life.get(1).data().get("name").asText()).isEqualTo("Right Hook");
    assertThat(life.get(1).data().get("description").asText()).isEqualTo("Hits.");
  }

  @Test
  void shouldPublishNothingForRefusedRequests() {
    // Given
    String id = ada.creates("Left Hook", "pong");
    String path = "/api/v1/agents/" + id;

    // When
    User.fresh().request().body(Map.of("name", "Stolen")).put(path);
    ada.request().body(Map.of("name", "x".repeat(101))).put(path);
    ada.request().body(Map.of("name", "Last")).put(path);

    // Then
    events.await(TOPIC, event -> isOf(event, id) && event.data().get("sequence").asInt() == 2);
    assertThat(eventsOf(id))
        .extracting(event -> event.data().get("name").asText())
        .containsExactly("Left Hook", "Last");
  }

  @Test
  void shouldNumberParallelChangesWithoutGapOrRepeat() throws Exception {
    // Given
    String id = ada.creates("Agent", "pong");

    // When
    try (ExecutorService clients = Executors.newFixedThreadPool(4)) {
      IntStream.range(0, 12)
          .forEach(
              n ->
                  clients.submit(
                      () ->
                          ada.request()
                              .body(Map.of("name", "Agent " + n))
                              .put("/api/v1/agents/" + id)));
    }

    // Then
    events.await(TOPIC, event -> isOf(event, id) && event.data().get("sequence").asInt() == 13);
    assertThat(eventsOf(id))
        .extracting(event -> event.data().get("sequence").asInt())
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 13).boxed().toList());
  }

  private List<ReceivedEvent> eventsOf(String id) {
    return events.on(TOPIC).stream().filter(event -> isOf(event, id)).toList();
  }

  private static boolean isOf(ReceivedEvent event, String id) {
    return id.equals(event.key());
  }
}
