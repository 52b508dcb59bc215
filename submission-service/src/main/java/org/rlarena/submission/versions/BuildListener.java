package org.rlarena.submission.versions;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.logging.Logger;
import org.rlarena.outbox.Inbox;
import org.rlarena.outbox.IncomingEvent;
import org.rlarena.submission.agents.Agent;
import org.rlarena.submission.agents.Agents;

/**
 * Reads {@code build.progress} and {@code submission.built}, both keyed by agent. The two topics
 * may overtake each other: a step of an attempt that has ended and an older attempt change nothing,
 * so repeats and late events are safe. A version whose agent was deleted meanwhile ends as well,
 * but never plays. What cannot be decoded goes to {@code <topic>.submission-service.dlq}.
 */
@ApplicationScoped
class BuildListener {

  private static final Logger LOG = Logger.getLogger(BuildListener.class);
  private static final String PROGRESSED = "org.rlarena.build.progressed.v1";
  private static final String SUCCEEDED = "org.rlarena.submission.build-succeeded.v1";
  private static final String FAILED = "org.rlarena.submission.build-failed.v1";

  private static final String SCAN_BLOCKED = "org.rlarena.submission.scan-blocked.v1";
  private static final String BLOCKED_REASON = "blocked_by_scan";

  private final Inbox inbox;
  private final Agents agents;
  private final Submissions submissions;
  private final Activation activation;
  private final Clock clock;

  BuildListener(
      Inbox inbox, Agents agents, Submissions submissions, Activation activation, Clock clock) {
    this.inbox = inbox;
    this.agents = agents;
    this.submissions = submissions;
    this.activation = activation;
    this.clock = clock;
  }

  @Incoming("build-progress")
  @Blocking
  void onProgress(ConsumerRecord<String, byte[]> message) {
    inbox.receive("build-progress", message, this::handle);
  }

  @Incoming("submission-built")
  @Blocking
  void onBuilt(ConsumerRecord<String, byte[]> message) {
    inbox.receive("submission-built", message, this::handle);
  }

  private void handle(IncomingEvent event) {
    switch (event.type()) {
      case PROGRESSED -> progressed(event.as(Progressed.class));
      case SUCCEEDED -> succeeded(event.as(Succeeded.class));
      case FAILED -> failed(event.as(Failed.class));
      case SCAN_BLOCKED -> scanBlocked(event.as(ScanBlocked.class));
      default -> {} // a type of a later writer
    }
  }

  private void progressed(Progressed event) {
    BuildStep.ofWire(event.step)
        .ifPresent(
            step ->
                withLocked(
                    event.agentId,
                    event.submissionId,
                    (agent, submission) ->
                        submission.reached(event.attempt, step, clock.instant())));
  }

  private void succeeded(Succeeded event) {
    withLocked(
        event.agentId,
        event.submissionId,
        (agent, submission) -> {
          if (submission.passed(event.attempt, event.bundle, event.imageDigest, clock.instant())
              && !agent.isDeleted()
              && agent.playsOncePassed(submission.version())) {
            activation.activate(agent, submission);
          }
        });
  }

  private void failed(Failed event) {
    withLocked(
        event.agentId,
        event.submissionId,
        (agent, submission) -> submission.failed(event.attempt, event.message, clock.instant()));
  }

  /** A version that plays is taken out of the play first, so that its readers hear of it. */
  private void scanBlocked(ScanBlocked event) {
    withLocked(
        event.agentId,
        event.submissionId,
        (agent, submission) -> {
          boolean plays =
              submission.attempt() == event.attempt && submission.state() == SubmissionState.ACTIVE;
          if (plays) {
            activation.deactivate(agent, BLOCKED_REASON);
          }
          submission.blocked(event.attempt, event.message, clock.instant());
        });
  }

  /**
   * Changes a version under its agent's lock. A build is asked for after its version committed, so
   * a version that is missing will not come later: it is none of this database's, and nothing here
   * has to change.
   */
  private void withLocked(UUID agentId, UUID submissionId, BiConsumer<Agent, Submission> change) {
    Optional<Agent> agent = agents.lock(agentId);
    Optional<Submission> submission =
        submissions.findByIdOptional(submissionId).filter(s -> s.agentId().equals(agentId));
    if (agent.isEmpty() || submission.isEmpty()) {
      LOG.warnf(
          "Build of an unknown version ignored, agentId=%s submissionId=%s", agentId, submissionId);
    } else {
      change.accept(agent.get(), submission.get());
    }
  }

  /** The part of {@code build.progressed} that is used. */
  @RegisterForReflection
  record Progressed(UUID submissionId, UUID agentId, int attempt, String step) {
    Progressed {
      Objects.requireNonNull(submissionId, "submissionId");
      Objects.requireNonNull(agentId, "agentId");
      Objects.requireNonNull(step, "step");
    }
  }

  /** The part of {@code submission.build-succeeded} that is used. */
  @RegisterForReflection
  record Succeeded(
      UUID submissionId, UUID agentId, int attempt, Bundle bundle, String imageDigest) {
    Succeeded {
      Objects.requireNonNull(submissionId, "submissionId");
      Objects.requireNonNull(agentId, "agentId");
      Objects.requireNonNull(bundle, "bundle");
    }
  }

  /** The part of {@code submission.build-failed} that is used. */
  @RegisterForReflection
  record Failed(UUID submissionId, UUID agentId, int attempt, String message) {
    Failed {
      Objects.requireNonNull(submissionId, "submissionId");
      Objects.requireNonNull(agentId, "agentId");
      Objects.requireNonNull(message, "message");
    }
  }

  /** The part of {@code submission.scan-blocked} that is used. */
  @RegisterForReflection
  record ScanBlocked(UUID submissionId, UUID agentId, int attempt, String message) {
    ScanBlocked {
      Objects.requireNonNull(submissionId, "submissionId");
      Objects.requireNonNull(agentId, "agentId");
      Objects.requireNonNull(message, "message");
    }
  }
}
