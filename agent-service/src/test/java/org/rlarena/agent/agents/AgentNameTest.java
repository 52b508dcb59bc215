package org.rlarena.agent.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkiverse.resteasy.problem.HttpProblem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class AgentNameTest {

  @Test
  void shouldCutSpacesAtTheEnds() {
    assertThat(AgentName.of(" \tLeft Hook ").text()).isEqualTo("Left Hook");
  }

  @Test
  void shouldCountCharactersAndNotCodeUnits() {
    String hundred = "🏓".repeat(100);

    assertThat(AgentName.of(hundred).text()).isEqualTo(hundred);
    assertThatThrownBy(() -> AgentName.of(hundred + "x"))
        .isInstanceOfSatisfying(
            HttpProblem.class,
            problem -> {
              assertThat(problem.getStatusCode()).isEqualTo(400);
              assertThat(problem.getParameters()).containsEntry("code", "invalid_name");
              assertThat(problem.getDetail()).contains("101 characters", "at most 100");
            });
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", "   ", "a\u0000b", "two\nlines", "bell\u0007", "half \ud83c"})
  void shouldRefuseWhatIsNoName(String typed) {
    assertThatThrownBy(() -> AgentName.of(typed))
        .isInstanceOfSatisfying(
            HttpProblem.class,
            problem -> assertThat(problem.getParameters()).containsEntry("code", "invalid_name"));
  }
}
