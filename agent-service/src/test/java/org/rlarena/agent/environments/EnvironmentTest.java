package org.rlarena.agent.environments;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.rlarena.agent.environments.Environment.Rules;

class EnvironmentTest {

  private static final Instant T0 = Instant.parse("2026-11-23T10:15:00Z");
  private static final Instant T1 = T0.plusSeconds(60);
  private static final Rules GO = new Rules("go", "Go", "Stones.", "1", 2, 2, 400, "{}");

  private final Environment environment = Environment.discovered(GO, T0);

  @Test
  void shouldBeSwitchedOnAndOfferedWhenAnExecutorBringsIt() {
    assertThat(environment.event())
        .isEqualTo(new EnvironmentChanged("go", 1, "Go", "Stones.", "1", true, true, 2, 2, T0));
  }

  @Test
  void shouldNotChangeWhenOfferedAsBefore() {
    assertThat(environment.offer(GO, T1)).isFalse();
    assertThat(environment.event().sequence()).isEqualTo(1);
  }

  @Test
  void shouldTakeOverNewRules() {
    Rules changed = new Rules("go", "Go 9x9", "Stones.", "2", 2, 2, 200, "{\"size\":9}");

    assertThat(environment.offer(changed, T1)).isTrue();

    assertThat(environment.event())
        .isEqualTo(new EnvironmentChanged("go", 2, "Go 9x9", "Stones.", "2", true, true, 2, 2, T1));
    assertThat(environment.config).isEqualTo("{\"size\":9}");
    assertThat(environment.maxSteps).isEqualTo(200);
  }

  @Test
  void shouldStaySwitchedOffWhenOfferedAgain() {
    environment.enabled = false;
    environment.withdraw(T0);

    environment.offer(GO, T1);

    assertThat(environment.event().enabled()).isFalse();
    assertThat(environment.event().offered()).isTrue();
  }

  @Test
  void shouldKeepItsRulesWhenNobodyPlaysIt() {
    assertThat(environment.withdraw(T1)).isTrue();
    assertThat(environment.event().offered()).isFalse();
    assertThat(environment.event().name()).isEqualTo("Go");
    assertThat(environment.event().sequence()).isEqualTo(2);
    assertThat(environment.withdraw(T1)).isFalse();
  }
}
