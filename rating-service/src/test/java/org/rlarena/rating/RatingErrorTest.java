package org.rlarena.rating;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RatingErrorTest {

  @ParameterizedTest
  @CsvSource({
    "AGENT_NOT_FOUND, 404, agent_not_found",
    "INVALID_ID, 400, invalid_id",
    "INVALID_PARAMETER, 400, invalid_parameter"
  })
  void shouldKeepStatusAndCode(RatingError error, int status, String code) {
    var problem = error.because("Do this.");

    assertThat(problem.getStatusCode()).isEqualTo(status);
    assertThat(problem.getDetail()).isEqualTo("Do this.");
    assertThat(problem.getParameters()).containsEntry("code", code);
  }
}
