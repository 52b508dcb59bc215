package org.rlarena.submission.versions;

import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.UUID;
import org.rlarena.outbox.Event;
import org.rlarena.outbox.Outbox;
import org.rlarena.submission.agents.Agent;
import org.rlarena.submission.sources.StoredSource;

/**
 * What this service publishes, always keyed by agent and in the transaction of the change.
 *
 * <p>{@code submission.created} carries uploads and rebuilds; its sequence grows per version.
 * {@code submission.activated} carries which version plays; its sequence grows per agent.
 */
@ApplicationScoped
public class SubmissionEvents {

  private static final String CREATED_TOPIC = "submission.created";
  private static final String CREATED = "org.rlarena.submission.created.v1";
  private static final String REBUILD_REQUESTED = "org.rlarena.submission.rebuild-requested.v1";
  private static final String ACTIVATED_TOPIC = "submission.activated";
  private static final String ACTIVATED = "org.rlarena.submission.activated.v1";
  private static final String DEACTIVATED = "org.rlarena.submission.deactivated.v1";

  private final Outbox outbox;

  SubmissionEvents(Outbox outbox) {
    this.outbox = outbox;
  }

  void created(Agent agent, Submission submission) {
    add(CREATED_TOPIC, CREATED, agent.id(), submission.id(), buildRequest(agent, submission));
  }

  void rebuildRequested(Agent agent, Submission submission) {
    add(
        CREATED_TOPIC,
        REBUILD_REQUESTED,
        agent.id(),
        submission.id(),
        buildRequest(agent, submission));
  }

  void activated(Agent agent, Submission submission) {
    add(ACTIVATED_TOPIC, ACTIVATED, agent.id(), agent.id(), Activated.of(agent, submission));
  }

  void deactivated(Agent agent, Submission submission, String reason, Instant at) {
    Deactivated event =
        new Deactivated(agent.id(), agent.activationSequence(), submission.id(), reason, at);
    add(ACTIVATED_TOPIC, DEACTIVATED, agent.id(), agent.id(), event);
  }

  private void add(String topic, String type, UUID agentId, UUID subject, Object data) {
    outbox.add(new Event(topic, agentId.toString(), type, subject.toString(), data));
  }

  private static BuildRequest buildRequest(Agent agent, Submission submission) {
    StoredSource source = submission.source();
    return new BuildRequest(
        submission.id(),
        agent.id(),
        agent.ownerId(),
        submission.environmentId(),
        submission.version(),
        submission.attempt(),
        submission.sequence(),
        new Source(source.sha256(), source.bytes(), source.kind().wire(), source.filename()),
        submission.updatedAt());
  }

  /** Data of {@code created} and {@code rebuild-requested}: the contract's field names. */
  @RegisterForReflection
  record BuildRequest(
      UUID submissionId,
      UUID agentId,
      UUID ownerId,
      String environmentId,
      int version,
      int attempt,
      long sequence,
      Source source,
      Instant requestedAt) {}

  /** The upload as events describe it; its bytes are read over HTTP. */
  @RegisterForReflection
  record Source(String sha256, long bytes, String kind, String filename) {}

  /** Data of {@code activated}, and the answer of the internal look-up. */
  @RegisterForReflection
  record Activated(
      UUID agentId,
      long sequence,
      String agentName,
      UUID ownerId,
      String environmentId,
      UUID submissionId,
      int version,
      Bundle bundle,
      String imageDigest,
      Instant activatedAt) {

    /** The agent's playing version under the sequence of its latest activation. */
    static Activated of(Agent agent, Submission submission) {
      return new Activated(
          agent.id(),
          agent.activationSequence(),
          agent.name(),
          agent.ownerId(),
          submission.environmentId(),
          submission.id(),
          submission.version(),
          submission.bundle().orElseThrow(),
          submission.imageDigest(),
          submission.activatedAt());
    }
  }

  /** Data of {@code deactivated}. */
  @RegisterForReflection
  record Deactivated(
      UUID agentId, long sequence, UUID submissionId, String reason, Instant deactivatedAt) {}
}
