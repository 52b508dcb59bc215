package org.rlarena.match.directory;

import static java.util.Objects.requireNonNull;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code submission.activated}, keyed by agent. The sequence per agent makes a repeat or a
 * late event harmless; what cannot be read goes to {@code submission.activated.match-service.dlq}.
 */
@ApplicationScoped
class SubmissionListener {

  private static final String ACTIVATED = "org.rlarena.submission.activated.v1";
  private static final String DEACTIVATED = "org.rlarena.submission.deactivated.v1";

  private final Inbox inbox;
  private final ActiveVersions versions;

  SubmissionListener(Inbox inbox, ActiveVersions versions) {
    this.inbox = inbox;
    this.versions = versions;
  }

  @Incoming("submission-activated")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "versions",
        record,
        event -> {
          switch (event.type()) {
            case ACTIVATED -> versions.put(event.as(SubmissionActivated.class));
            case DEACTIVATED -> {
              SubmissionDeactivated gone = event.as(SubmissionDeactivated.class);
              versions.clear(gone.agentId(), gone.sequence());
            }
            default -> {}
          }
        });
  }

  /** What this service reads of {@code submission.deactivated.v1}. */
  @RegisterForReflection
  record SubmissionDeactivated(UUID agentId, long sequence) {
    SubmissionDeactivated {
      requireNonNull(agentId, "agentId");
    }
  }
}
