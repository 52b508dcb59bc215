package org.rlarena.build.attempt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.rlarena.build.BuildFailed;
import org.rlarena.build.FailureReason;
import org.rlarena.build.builder.Builder;
import org.rlarena.build.bundle.Bundle;
import org.rlarena.build.scan.ScanStatus;
import org.rlarena.build.scan.Verdict;
import org.rlarena.infra.testing.Contract;

class BuildAttemptTest {

  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
  private static final Bundle BUNDLE =
      new Bundle("bundles/ab.zip", "ab", 12, "3.11", "linux_x86_64");
  private static final Verdict UNSCANNED =
      new Verdict(ScanStatus.UNAVAILABLE, "There is no scanner here.", Optional.empty());
  private static final Builder.Built BUILT = new Builder.Built(BUNDLE, Optional.of("sha256:cd"));

  @Test
  void shouldGoThroughItsSteps() {
    // Given
    BuildAttempt attempt = attempt();

    // When
    BuildEvents.Progressed building = attempt.begin(Step.BUILDING, NOW);
    attempt.keep(BUILT);
    BuildEvents.Progressed validating = attempt.begin(Step.VALIDATING, NOW);
    BuildEvents.Progressed scanning = attempt.begin(Step.SCANNING, NOW);
    attempt.markScanned(UNSCANNED.status(), NOW);
    BuildEvents.Succeeded succeeded = attempt.succeed(UNSCANNED, NOW);

    // Then
    assertThat(building.ordinal()).isEqualTo(1);
    assertThat(validating.ordinal()).isEqualTo(2);
    assertThat(scanning.step()).isEqualTo("scanning");
    assertThat(succeeded.bundle()).isEqualTo(BUNDLE);
    assertThat(succeeded.imageDigest()).isEqualTo("sha256:cd");
    assertThat(succeeded.scan()).isEqualTo("unavailable");
    assertThat(succeeded.sequence()).isEqualTo(1);
    assertThat(attempt.state).isEqualTo(AttemptState.SUCCEEDED);
  }

  @Test
  void shouldBeginAStepAgainAfterABrokenRun() {
    // Given
    BuildAttempt attempt = attempt();
    attempt.begin(Step.VALIDATING, NOW);

    // When
    attempt.begin(Step.BUILDING, NOW);

    // Then
    assertThat(attempt.state).isEqualTo(AttemptState.BUILDING);
  }

  @Test
  void shouldTellWhereAndWhyItFailed() {
    // Given
    BuildAttempt attempt = attempt();
    attempt.begin(Step.VALIDATING, NOW);

    // When
    BuildEvents.Failed failed =
        attempt.fail(new BuildFailed(FailureReason.IMPORT_ERROR, "No module named 'torch'."), NOW);

    // Then
    assertThat(failed.step()).isEqualTo("validating");
    assertThat(failed.reason()).isEqualTo("import_error");
    assertThat(failed.message()).isEqualTo("No module named 'torch'.");
  }

  @Test
  void shouldNeverChangeOnceItHasEnded() {
    // Given
    BuildAttempt attempt = attempt();
    attempt.supersede(NOW);

    // When, Then
    assertThatThrownBy(() -> attempt.begin(Step.BUILDING, NOW))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> attempt.keep(BUILT)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> attempt.fail(new BuildFailed(FailureReason.TIMEOUT, "slow"), NOW))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> attempt.countFault(NOW)).isInstanceOf(IllegalStateException.class);
    assertThat(attempt.state).isEqualTo(AttemptState.SUPERSEDED);
  }

  @Test
  void shouldReadEveryPublishedExample() throws JsonProcessingException {
    // Given
    ObjectMapper json =
        new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    // When
    SubmissionCreated created =
        json.readValue(Contract.example("submission.created.v1"), SubmissionCreated.class);
    SubmissionCreated rebuild =
        json.readValue(
            Contract.example("submission.rebuild-requested.v1"), SubmissionCreated.class);

    // Then
    assertThat(created.attempt()).isEqualTo(1);
    assertThat(rebuild.attempt()).isEqualTo(2);
    assertThat(rebuild.source().kind()).isEqualTo("py");
  }

  private static BuildAttempt attempt() {
    return BuildAttempt.requested(BuildFixture.created(), NOW);
  }
}
