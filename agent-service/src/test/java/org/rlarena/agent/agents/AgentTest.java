package org.rlarena.agent.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AgentTest {

  private static final Instant T0 = Instant.parse("2026-11-23T10:15:00Z");
  private static final Instant T1 = T0.plusSeconds(60);

  private final UUID owner = UUID.randomUUID();
  private final Agent agent =
      Agent.create(owner, AgentName.of("Left Hook"), Description.of("old"), "pong", T0);

  @Test
  void shouldStartUnratedWithItsFirstEvent() {
    assertThat(agent.changed())
        .isEqualTo(new AgentChanged(agent.id, 1, owner, "Left Hook", "old", "pong", true, T0, T0));
    assertThat(AgentView.of(agent, "ada"))
        .satisfies(
            view -> {
              assertThat(view.elo()).isEqualTo(1200);
              assertThat(view.score()).isEqualTo(1200);
              assertThat(view.totalMatches()).isZero();
              assertThat(view.activeSubmissionId()).isNull();
            });
  }

  @Test
  void shouldCountEachChange() {
    boolean changed = agent.describe(AgentName.of("Right Hook"), Description.of("new"), T1);

    assertThat(changed).isTrue();
    assertThat(agent.changed())
        .isEqualTo(new AgentChanged(agent.id, 2, owner, "Right Hook", "new", "pong", true, T0, T1));
  }

  @Test
  void shouldNotCountAChangeThatChangesNothing() {
    boolean changed = agent.describe(AgentName.of("Left Hook"), Description.of("old"), T1);

    assertThat(changed).isFalse();
    assertThat(agent.changed().sequence()).isEqualTo(1);
    assertThat(agent.changed().updatedAt()).isEqualTo(T0);
  }

  @Test
  void shouldLeaveNothingButItsIdWhenDeleted() {
    agent.activeSubmissionId = UUID.randomUUID();

    agent.delete(T1);

    assertThat(agent.deleted()).isEqualTo(new AgentDeleted(agent.id, 2, T1));
    assertThat(agent.name).isEqualTo("deleted agent");
    assertThat(agent.description).isEmpty();
    assertThat(agent.activeSubmissionId).isNull();
    assertThatThrownBy(() -> agent.delete(T1)).isInstanceOf(IllegalStateException.class);
  }
}
