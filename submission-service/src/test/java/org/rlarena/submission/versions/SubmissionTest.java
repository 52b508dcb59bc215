package org.rlarena.submission.versions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.rlarena.submission.versions.SubmissionFixture.BUNDLE;
import static org.rlarena.submission.versions.SubmissionFixture.LATER;
import static org.rlarena.submission.versions.SubmissionFixture.UPLOADED;

import org.junit.jupiter.api.Test;

class SubmissionTest {

  @Test
  void shouldWaitForItsFirstBuildOnceUploaded() {
    Submission submission = SubmissionFixture.uploaded();

    assertThat(submission.state()).isEqualTo(SubmissionState.PENDING);
    assertThat(submission.attempt()).isEqualTo(1);
    assertThat(submission.sequence()).isEqualTo(1);
    assertThat(submission.updatedAt()).isEqualTo(UPLOADED);
  }

  @Test
  void shouldFollowTheStepsOfItsBuild() {
    Submission submission = SubmissionFixture.uploaded();

    assertThat(submission.reached(1, BuildStep.BUILDING, LATER)).isTrue();
    assertThat(submission.reached(1, BuildStep.SCANNING, LATER)).isTrue();

    assertThat(submission.state()).isEqualTo(SubmissionState.SCANNING);
    assertThat(submission.updatedAt()).isEqualTo(LATER);
  }

  @Test
  void shouldIgnoreAStepThatItHasPassed() {
    Submission submission = SubmissionFixture.uploaded();
    submission.reached(1, BuildStep.VALIDATING, LATER);

    assertThat(submission.reached(1, BuildStep.BUILDING, LATER)).isFalse();
    assertThat(submission.reached(1, BuildStep.VALIDATING, LATER)).isFalse();

    assertThat(submission.state()).isEqualTo(SubmissionState.VALIDATING);
  }

  @Test
  void shouldIgnoreStepsAndOutcomesOnceItsBuildHasEnded() {
    Submission submission = SubmissionFixture.failed();

    assertThat(submission.reached(1, BuildStep.SCANNING, LATER)).isFalse();
    assertThat(submission.passed(1, BUNDLE, null, LATER)).isFalse();

    assertThat(submission.state()).isEqualTo(SubmissionState.BUILD_FAILED);
    assertThat(submission.bundle()).isEmpty();
  }

  @Test
  void shouldIgnoreOtherAttempts() {
    Submission submission = SubmissionFixture.failed();
    submission.rebuild(LATER);

    assertThat(submission.failed(1, "old", LATER)).isFalse();
    assertThat(submission.passed(3, BUNDLE, null, LATER)).isFalse();
    assertThat(submission.reached(1, BuildStep.SCANNING, LATER)).isFalse();

    assertThat(submission.state()).isEqualTo(SubmissionState.PENDING);
    assertThat(submission.errorMessage()).isEmpty();
  }

  @Test
  void shouldKeepTheReasonOfAFailureUntilItIsRebuilt() {
    Submission submission = SubmissionFixture.failed();
    assertThat(submission.errorMessage()).contains("agent.py, line 3: invalid syntax.");

    submission.rebuild(LATER);

    assertThat(submission.errorMessage()).isEmpty();
    assertThat(submission.attempt()).isEqualTo(2);
    assertThat(submission.sequence()).isEqualTo(2);
    assertThat(submission.lastRetryAt()).contains(LATER);
  }

  @Test
  void shouldCutAnOverlongReason() {
    Submission submission = SubmissionFixture.uploaded();

    submission.failed(1, "x".repeat(5000), LATER);

    assertThat(submission.errorMessage()).hasValueSatisfying(m -> assertThat(m).hasSize(1000));
  }

  @Test
  void shouldSayNothingAboutAnErasedUpload() {
    Submission submission = SubmissionFixture.uploaded();
    submission.sourceErased(LATER);

    submission.failed(1, "agent.py, line 3: invalid syntax.", LATER);

    assertThat(submission.state()).isEqualTo(SubmissionState.BUILD_FAILED);
    assertThat(submission.errorMessage()).isEmpty();
  }

  @Test
  void shouldBeRebuiltThreeTimesAtMost() {
    Submission submission = SubmissionFixture.failed();
    for (int attempt = 2; attempt <= 4; attempt++) {
      submission.rebuild(LATER);
      submission.failed(attempt, "again", LATER);
    }

    assertThat(submission.hasAttemptLeft()).isFalse();
    assertThatIllegalStateException().isThrownBy(() -> submission.rebuild(LATER));
  }

  @Test
  void shouldRefuseARebuildUnlessItsBuildFailed() {
    assertThatIllegalStateException().isThrownBy(() -> SubmissionFixture.uploaded().rebuild(LATER));
    assertThatIllegalStateException().isThrownBy(() -> SubmissionFixture.built().rebuild(LATER));
  }

  @Test
  void shouldPlayOnlyOnceBuilt() {
    Submission built = SubmissionFixture.built();
    built.activate(LATER);

    assertThat(built.state()).isEqualTo(SubmissionState.ACTIVE);
    assertThat(built.activatedAt()).isEqualTo(LATER);
    assertThatIllegalStateException()
        .isThrownBy(() -> SubmissionFixture.uploaded().activate(LATER));
    assertThatIllegalStateException().isThrownBy(() -> SubmissionFixture.failed().activate(LATER));
  }

  @Test
  void shouldStopPlayingOnlyIfItPlays() {
    Submission submission = SubmissionFixture.built();
    assertThatIllegalStateException().isThrownBy(() -> submission.deactivate(LATER));
    submission.activate(LATER);

    submission.deactivate(LATER);

    assertThat(submission.state()).isEqualTo(SubmissionState.INACTIVE);
  }

  @Test
  void shouldForgetWhatWasSaidAboutAnErasedSource() {
    Submission submission = SubmissionFixture.failed();

    submission.sourceErased(LATER);

    assertThat(submission.isSourceErased()).isTrue();
    assertThat(submission.source().filename()).isEmpty();
    assertThat(submission.errorMessage()).isEmpty();
  }
}
