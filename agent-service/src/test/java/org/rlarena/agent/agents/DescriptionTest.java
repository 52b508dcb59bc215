package org.rlarena.agent.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkiverse.resteasy.problem.HttpProblem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DescriptionTest {

  @Test
  void shouldTakeNothingAsEmpty() {
    assertThat(Description.of(null).text()).isEmpty();
  }

  @Test
  void shouldKeepLines() {
    assertThat(Description.of("one\n\ttwo").text()).isEqualTo("one\n\ttwo");
  }

  @Test
  void shouldTakeTwoThousandCharactersAndNoMore() {
    assertThat(Description.of("x".repeat(2000)).text()).hasSize(2000);
    assertThatThrownBy(() -> Description.of("x".repeat(2001)))
        .isInstanceOfSatisfying(
            HttpProblem.class,
            problem -> {
              assertThat(problem.getParameters()).containsEntry("code", "invalid_description");
              assertThat(problem.getDetail()).contains("2001 characters");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\u0000", "\udc00"})
  void shouldRefuseWhatTheDatabaseCannotHold(String typed) {
    assertThatThrownBy(() -> Description.of(typed)).isInstanceOf(HttpProblem.class);
  }
}
