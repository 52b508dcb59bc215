package org.rlarena.match.executors;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.rlarena.executor.v1.Environment;
import org.rlarena.infra.testing.Contract;
import org.rlarena.infra.testing.ReceivedEvent;
import org.rlarena.match.testing.FakeExecutor;
import org.rlarena.match.testing.ServiceTest;

/** The published snapshot of what live executors play. */
@QuarkusTest
class EnvironmentsIT extends ServiceTest {

  private static final Environment TIC_TAC_TOE =
      FakeExecutor.PONG.toBuilder().setId("tic-tac-toe").setConfigJson("no json").build();
  private static final Environment SOLITAIRE =
      FakeExecutor.PONG.toBuilder().setId("solitaire").setMinPlayers(1).build();

  @Test
  void shouldPublishUnionOfLiveExecutorsWheneverItChanges() {
    // Given: a description that no earlier snapshot has
    long start = lastSequence();
    Environment pong =
        FakeExecutor.PONG.toBuilder().setDescription("Pong " + UUID.randomUUID()).build();
    long last;
    try (FakeExecutor _ = FakeExecutor.at(0).offering(pong, SOLITAIRE)) {
      // When one executor lives
      ReceivedEvent one = snapshotOf(Set.of("pong"), start);
      // Then
      Contract.assertMatches(one);
      assertThat(one.key()).isEqualTo("executors");
      assertThat(one.data().at("/environments/0/description").asText())
          .isEqualTo(pong.getDescription());
      assertThat(one.data().at("/environments/0/config/actionSpace/n").asInt()).isEqualTo(3);

      // When another one comes
      long before = sequence(one);
      try (FakeExecutor second = FakeExecutor.at(1).offering(pong, TIC_TAC_TOE)) {
        ReceivedEvent both = snapshotOf(Set.of("pong", "tic-tac-toe"), before);
        // Then
        Contract.assertMatches(both);
        assertThat(both.data().at("/environments/1/config")).isEmpty();
        before = sequence(both);
        assertThat(second.requests()).isEmpty();
      }
      // When it goes
      last = sequence(snapshotOf(Set.of("pong"), before));
    }
    // When the last one goes
    ReceivedEvent none = snapshotOf(Set.of(), last);
    // Then
    Contract.assertMatches(none);
    List<Long> sequences =
        events.on("executor.environments").stream().map(EnvironmentsIT::sequence).toList();
    assertThat(sequences).doesNotHaveDuplicates().isSorted();
  }

  @Test
  void shouldOfferPongForExecutorsThatCannotBeAsked() {
    long before = lastSequence();
    try (FakeExecutor first = FakeExecutor.at(0).ofTheReference()) {
      ReceivedEvent event = snapshotOf(Set.of("pong"), before);
      Contract.assertMatches(event);
      assertThat(event.data().at("/environments/0/version").asText()).isEqualTo("unknown");
      assertThat(first.requests()).isEmpty();
    }
  }

  private long lastSequence() {
    return count("select sequence from offered_environments");
  }

  private ReceivedEvent snapshotOf(Set<String> ids, long after) {
    return events.await("executor.environments", e -> sequence(e) > after && idsOf(e).equals(ids));
  }

  private static long sequence(ReceivedEvent event) {
    return event.data().get("sequence").asLong();
  }

  private static Set<String> idsOf(ReceivedEvent event) {
    return new TreeSet<>(event.data().findValuesAsText("environmentId"));
  }
}
