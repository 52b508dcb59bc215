package org.rlarena.submission.versions;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.UUID;
import org.rlarena.submission.SubmissionError;
import org.rlarena.submission.agents.Agent;
import org.rlarena.submission.agents.Agents;

/**
 * What owners do with their versions. Each command is one transaction under the agent's row lock:
 * if the process dies before the commit nothing has happened, after it the event leaves through the
 * outbox.
 */
@ApplicationScoped
class OwnedSubmissions {

  private final Agents agents;
  private final Submissions submissions;
  private final Activation activation;
  private final SubmissionEvents events;
  private final Clock clock;

  OwnedSubmissions(
      Agents agents,
      Submissions submissions,
      Activation activation,
      SubmissionEvents events,
      Clock clock) {
    this.agents = agents;
    this.submissions = submissions;
    this.activation = activation;
    this.events = events;
    this.clock = clock;
  }

  /**
   * Lets a version play. Repeating it changes nothing but queues the agent again.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code submission_not_found}, {@code
   *     not_owner}, or {@code not_activatable} while its build has not succeeded
   */
  @Transactional
  SubmissionView activate(UUID caller, UUID submissionId) {
    Owned owned = lockOwned(caller, submissionId);
    Submission submission = owned.submission;
    if (!submission.isActivatable()) {
      throw SubmissionError.NOT_ACTIVATABLE.because(
          submission.state().isOnTheWay()
              ? "Version %d is still being built. Wait until its build has ended."
                  .formatted(submission.version())
              : "The build of version %d failed. Rebuild it or upload a mended version."
                  .formatted(submission.version()));
    }
    owned.agent.ownerChose();
    activation.activate(owned.agent, submission);
    return SubmissionView.ofOwner(owned.agent, submission);
  }

  /**
   * Asks for another build of a version whose build failed.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code submission_not_found}, {@code
   *     not_owner}, {@code not_rebuildable} in any other state, {@code retry_limit} after three
   */
  @Transactional
  SubmissionView rebuild(UUID caller, UUID submissionId) {
    Owned owned = lockOwned(caller, submissionId);
    Submission submission = owned.submission;
    if (submission.state() != SubmissionState.BUILD_FAILED) {
      throw SubmissionError.NOT_REBUILDABLE.because(
          "Version %d is %s. Only a version whose build failed can be rebuilt."
              .formatted(submission.version(), submission.state().wire()));
    }
    if (!submission.hasAttemptLeft()) {
      throw SubmissionError.RETRY_LIMIT.because(
          "Version %d was rebuilt three times. Mend the agent and upload a new version."
              .formatted(submission.version()));
    }
    submission.rebuild(clock.instant());
    events.rebuildRequested(owned.agent, submission);
    return SubmissionView.ofOwner(owned.agent, submission);
  }

  private Owned lockOwned(UUID caller, UUID submissionId) {
    Agent agent =
        submissions
            .agentOf(submissionId)
            .flatMap(agents::lock)
            .filter(known -> !known.isDeleted())
            .orElseThrow(SubmissionQueries::notFound);
    if (!agent.isOwnedBy(caller)) {
      throw SubmissionError.NOT_OWNER.because("The submission belongs to somebody else.");
    }
    return new Owned(agent, submissions.findById(submissionId));
  }

  private record Owned(Agent agent, Submission submission) {}
}
