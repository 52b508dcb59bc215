package org.rlarena.submission.versions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.quarkiverse.resteasy.problem.HttpProblem;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PageRequestTest {

  @ParameterizedTest
  @CsvSource({
    ",,1,20",
    "'','',1,20",
    "3,50,3,50",
    "0,0,1,1",
    "-7,-7,1,1",
    "1,101,1,100",
    "9999999999999,9999999999999,21474836,100"
  })
  void shouldClamp(String page, String pageSize, int number, int size) {
    assertThat(PageRequest.of(page, pageSize)).isEqualTo(new PageRequest(number, size));
  }

  @ParameterizedTest
  @CsvSource({"abc,20", "1,ten", "1.5,20", "1,99999999999999999999999"})
  void shouldRefuseWhatIsNoNumber(String page, String pageSize) {
    assertThatExceptionOfType(HttpProblem.class)
        .isThrownBy(() -> PageRequest.of(page, pageSize))
        .satisfies(problem -> assertThat(problem.getStatusCode()).isEqualTo(400));
  }
}
