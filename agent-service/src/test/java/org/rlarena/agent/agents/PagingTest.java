package org.rlarena.agent.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkiverse.resteasy.problem.HttpProblem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PagingTest {

  @Test
  void shouldStartAtTheFirstTwenty() {
    assertThat(Paging.of(null, null)).isEqualTo(new Paging(1, 20));
    assertThat(Paging.of("", "")).isEqualTo(new Paging(1, 20));
  }

  @ParameterizedTest
  @CsvSource({
    "3, 50, 3, 50",
    "0, 0, 1, 1",
    "-7, -7, 1, 1",
    "2, 101, 2, 100",
    "9223372036854775807, 100, 10000000, 100"
  })
  void shouldMoveValuesIntoTheirRange(String page, String size, int usedPage, int usedSize) {
    assertThat(Paging.of(page, size)).isEqualTo(new Paging(usedPage, usedSize));
  }

  @ParameterizedTest
  @ValueSource(strings = {"one", "1.5", "1e3", " 1", "9223372036854775808"})
  void shouldRefuseWhatIsNoNumber(String page) {
    assertThatThrownBy(() -> Paging.of(page, null))
        .isInstanceOfSatisfying(
            HttpProblem.class,
            problem -> {
              assertThat(problem.getParameters()).containsEntry("code", "invalid_parameter");
              assertThat(problem.getDetail()).contains("page");
            });
  }
}
