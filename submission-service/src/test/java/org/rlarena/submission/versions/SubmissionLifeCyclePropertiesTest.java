package org.rlarena.submission.versions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlarena.submission.versions.SubmissionFixture.BUNDLE;
import static org.rlarena.submission.versions.SubmissionFixture.UPLOADED;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Any mix of events, late or repeated, and commands, allowed or not. */
class SubmissionLifeCyclePropertiesTest {

  private static final Set<SubmissionState> PASSED =
      Set.of(SubmissionState.ACTIVE, SubmissionState.INACTIVE);

  enum Kind {
    STEP,
    PASS,
    FAIL,
    BLOCK,
    ACTIVATE,
    DEACTIVATE,
    REBUILD
  }

  record Action(Kind kind, int attempt, BuildStep step) {

    /** Whether the version took it. */
    boolean applyTo(Submission submission, Instant now) {
      try {
        return switch (kind) {
          case STEP -> submission.reached(attempt, step, now);
          case PASS -> submission.passed(attempt, BUNDLE, null, now);
          case FAIL -> submission.failed(attempt, "reason", now);
          case BLOCK -> submission.blocked(attempt, "reason", now);
          case ACTIVATE -> {
            submission.activate(now);
            yield true;
          }
          case DEACTIVATE -> {
            submission.deactivate(now);
            yield true;
          }
          case REBUILD -> {
            submission.rebuild(now);
            yield true;
          }
        };
      } catch (IllegalStateException refused) {
        return false;
      }
    }
  }

  @Provide
  Arbitrary<List<Action>> actions() {
    return Combinators.combine(
            Arbitraries.of(Kind.class),
            Arbitraries.integers().between(1, 5),
            Arbitraries.of(BuildStep.class))
        .as(Action::new)
        .list()
        .ofMaxSize(60);
  }

  @Property
  void shouldOnlyMakeLegalMoves(@ForAll("actions") List<Action> actions) {
    Submission submission = SubmissionFixture.uploaded();
    Instant now = UPLOADED;
    for (Action action : actions) {
      SubmissionState before = submission.state();
      int attempt = submission.attempt();
      now = now.plusSeconds(1);

      boolean taken = action.applyTo(submission, now);

      SubmissionState after = submission.state();
      assertThat(taken)
          .as("%s in %s, attempt %d", action, before, attempt)
          .isEqualTo(legal(action, before, attempt));
      if (!taken) {
        assertThat(after).isEqualTo(before);
        assertThat(submission.attempt()).isEqualTo(attempt);
      } else {
        assertThat(submission.updatedAt()).isEqualTo(now);
        assertThat(after).isEqualTo(expected(action));
      }
      assertThat(submission.attempt()).isBetween(attempt, Submission.MAX_ATTEMPTS);
      assertThat(submission.sequence()).isEqualTo(submission.attempt());
      assertThat(submission.bundle().isPresent()).isEqualTo(PASSED.contains(after));
      assertThat(submission.errorMessage().isPresent())
          .isEqualTo(after == SubmissionState.BUILD_FAILED);
    }
  }

  /** The rules once more, as a table. */
  private static boolean legal(Action action, SubmissionState state, int attempt) {
    boolean current = action.attempt == attempt;
    return switch (state) {
      case PENDING -> current && isBuildNews(action);
      case BUILDING -> current && isBuildNews(action) && !isStep(action, BuildStep.BUILDING);
      case VALIDATING ->
          current
              && isBuildNews(action)
              && !isStep(action, BuildStep.BUILDING)
              && !isStep(action, BuildStep.VALIDATING);
      case SCANNING -> current && (action.kind == Kind.PASS || action.kind == Kind.FAIL);
      case INACTIVE -> action.kind == Kind.ACTIVATE || (current && action.kind == Kind.BLOCK);
      case ACTIVE ->
          action.kind == Kind.ACTIVATE
              || action.kind == Kind.DEACTIVATE
              || (current && action.kind == Kind.BLOCK);
      case BUILD_FAILED -> action.kind == Kind.REBUILD && attempt < 4;
    };
  }

  private static SubmissionState expected(Action action) {
    return switch (action.kind) {
      case STEP -> SubmissionState.valueOf(action.step.name());
      case PASS, DEACTIVATE -> SubmissionState.INACTIVE;
      case FAIL, BLOCK -> SubmissionState.BUILD_FAILED;
      case ACTIVATE -> SubmissionState.ACTIVE;
      case REBUILD -> SubmissionState.PENDING;
    };
  }

  private static boolean isBuildNews(Action action) {
    return action.kind == Kind.STEP || action.kind == Kind.PASS || action.kind == Kind.FAIL;
  }

  private static boolean isStep(Action action, BuildStep step) {
    return action.kind == Kind.STEP && action.step == step;
  }
}
