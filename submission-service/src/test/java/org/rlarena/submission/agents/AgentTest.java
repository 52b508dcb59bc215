package org.rlarena.submission.agents;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class AgentTest {

  private final Agent agent =
      new Agent(new AgentSnapshot(UUID.randomUUID(), 1, UUID.randomUUID(), "Bot", "pong"));

  @Test
  void shouldNumberVersionsFromOne() {
    assertThat(List.of(agent.nextVersion(), agent.nextVersion(), agent.nextVersion()))
        .containsExactly(1, 2, 3);
  }

  @Test
  void shouldLetANewerVersionPlayOncePassed() {
    agent.nextVersion();
    agent.nextVersion();

    assertThat(agent.playsOncePassed(1)).isTrue();
    assertThat(agent.playsOncePassed(2)).isTrue();
  }

  @Test
  void shouldNotLetAnOlderVersionReplaceANewerOne() {
    agent.nextVersion();
    agent.nextVersion();

    assertThat(agent.playsOncePassed(2)).isTrue();
    assertThat(agent.playsOncePassed(1)).isFalse();
  }

  @Test
  void shouldRespectTheOwnersChoiceUntilTheNextUpload() {
    // Given
    agent.nextVersion();
    agent.playsOncePassed(1);
    agent.nextVersion();

    // When
    agent.ownerChose();
    agent.nextVersion();

    // Then
    assertThat(agent.playsOncePassed(2)).isFalse();
    assertThat(agent.playsOncePassed(3)).isTrue();
  }

  /** Each number is a step: upload (0, 1), pass a waiting version (2, 3), owner's choice (4). */
  @Property
  void shouldFollowTheRuleInAnyOrderOfEvents(
      @ForAll @Size(max = 40) List<@IntRange(min = 0, max = 4) Integer> steps) {
    Agent any =
        new Agent(new AgentSnapshot(UUID.randomUUID(), 1, UUID.randomUUID(), "Bot", "pong"));
    List<Integer> waiting = new ArrayList<>();
    Set<Integer> passed = new HashSet<>();
    Map<Integer, Integer> uploadedAt = new HashMap<>();
    int chosenAt = -1;
    for (int time = 0; time < steps.size(); time++) {
      int step = steps.get(time);
      if (step <= 1) {
        int version = any.nextVersion();
        waiting.add(version);
        uploadedAt.put(version, time);
      } else if (step == 4) {
        any.ownerChose();
        chosenAt = time;
      } else if (!waiting.isEmpty()) {
        int version = waiting.remove(step == 2 ? 0 : waiting.size() - 1);

        boolean plays = any.playsOncePassed(version);

        boolean higherPassed = passed.stream().anyMatch(other -> other > version);
        assertThat(plays).isEqualTo(!higherPassed && chosenAt < uploadedAt.get(version));
        passed.add(version);
      }
    }
  }
}
