package org.rlarena.submission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.quarkiverse.resteasy.problem.HttpProblem;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SubmissionErrorTest {

  @ParameterizedTest
  @CsvSource({
    "INVALID_REQUEST,400,invalid_request",
    "UNSUPPORTED_FILE_TYPE,400,unsupported_file_type",
    "EMPTY_FILE,400,empty_file",
    "INVALID_SOURCE,400,invalid_source",
    "UNSAFE_ARCHIVE,400,unsafe_archive",
    "MISSING_ENTRY_POINT,400,missing_entry_point",
    "FILE_TOO_LARGE,413,file_too_large",
    "NOT_OWNER,403,not_owner",
    "AGENT_NOT_FOUND,404,agent_not_found",
    "SUBMISSION_NOT_FOUND,404,submission_not_found",
    "SOURCE_NOT_FOUND,404,source_not_found",
    "NO_ACTIVE_SUBMISSION,404,no_active_submission",
    "NOT_ACTIVATABLE,409,not_activatable",
    "NOT_REBUILDABLE,409,not_rebuildable",
    "RETRY_LIMIT,409,retry_limit",
    "AGENT_SERVICE_UNAVAILABLE,503,agent_service_unavailable"
  })
  void shouldKeepStatusAndCode(SubmissionError error, int status, String code) {
    HttpProblem problem = error.because("Do this.");

    assertThat(problem.getStatusCode()).isEqualTo(status);
    assertThat(problem.getParameters()).containsEntry("code", code);
    assertThat(problem.getDetail()).isEqualTo("Do this.");
  }

  @Test
  void shouldSayWhenToTryAgain() {
    HttpProblem problem =
        SubmissionError.AGENT_SERVICE_UNAVAILABLE.because("Wait.", Duration.ofSeconds(2));

    assertThat(problem.getHeaders().get("Retry-After")).hasToString("2");
  }

  @Test
  void shouldReadIds() {
    UUID id = UUID.randomUUID();

    assertThat(Ids.parse("id", id.toString())).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "abc", "1-1-1-1-1", "7e9a1c55-2f0b-4f7d-8b1e-5c6d7e8f9a0g"})
  void shouldRefuseWhatIsNoId(String text) {
    assertThatExceptionOfType(HttpProblem.class)
        .isThrownBy(() -> Ids.parse("agentId", text))
        .satisfies(problem -> assertThat(problem.getDetail()).startsWith("agentId must be a UUID"));
  }
}
