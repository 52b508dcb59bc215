package org.rlarena.submission.versions;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import jakarta.transaction.Transactional.TxType;
import java.time.Clock;
import java.time.Instant;
import org.rlarena.submission.agents.Agent;

/**
 * Makes a version the one that plays. At most one version of an agent does, which the agent's row
 * lock ensures and a unique index in the database guards.
 */
@ApplicationScoped
class Activation {

  private final Submissions submissions;
  private final SubmissionEvents events;
  private final Clock clock;

  Activation(Submissions submissions, SubmissionEvents events, Clock clock) {
    this.submissions = submissions;
    this.events = events;
    this.clock = clock;
  }

  /**
   * Activates a version in place of the one that plays now, and publishes it in any case: readers
   * take the event as a wish to queue the agent.
   *
   * @param agent locked
   */
  @Transactional(TxType.MANDATORY)
  public void activate(Agent agent, Submission submission) {
    Instant now = clock.instant();
    submissions
        .activeOf(agent.id())
        .filter(playing -> !playing.id().equals(submission.id()))
        .ifPresent(
            playing -> {
              playing.deactivate(now);
              // the unique index must not see two active rows in between
              submissions.flush();
            });
    submission.activate(now);
    agent.nextActivation();
    events.activated(agent, submission);
  }

  /** Lets an agent without any version to play. Nothing happens if none plays. */
  @Transactional(TxType.MANDATORY)
  public void deactivate(Agent agent, String reason) {
    Instant now = clock.instant();
    submissions
        .activeOf(agent.id())
        .ifPresent(
            playing -> {
              playing.deactivate(now);
              agent.nextActivation();
              events.deactivated(agent, playing, reason, now);
            });
  }
}
