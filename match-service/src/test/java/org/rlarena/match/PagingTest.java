package org.rlarena.match;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkiverse.resteasy.problem.HttpProblem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PagingTest {

  @ParameterizedTest
  @CsvSource(
      nullValues = "null",
      value = {
        "null, null, 1, 20",
        "'', '', 1, 20",
        "3, 50, 3, 50",
        "0, 0, 1, 1",
        "-5, 101, 1, 100",
        "9223372036854775807, 100, 10000000, 100"
      })
  void shouldClamp(String page, String pageSize, int expectedPage, int expectedSize) {
    assertThat(Paging.of(page, pageSize)).isEqualTo(new Paging(expectedPage, expectedSize));
  }

  @Test
  void shouldNotOverflowOnLastPage() {
    assertThat(Paging.of("9223372036854775807", "100").offset()).isEqualTo(999_999_900);
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "1.5", "1e3", " 1", "99999999999999999999"})
  void shouldRefuseWhatIsNoWholeNumber(String page) {
    assertThatThrownBy(() -> Paging.of(page, null)).isInstanceOf(HttpProblem.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "abc", "1-1-1-1-1", "undefined", "c1d2e3f4a5b64c7d8e9f0a1b2c3d4e01"})
  void shouldRefuseWhatIsNoUuid(String id) {
    assertThatThrownBy(() -> Ids.parse("id", id)).isInstanceOf(HttpProblem.class);
  }
}
