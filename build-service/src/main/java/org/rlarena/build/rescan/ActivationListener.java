package org.rlarena.build.rescan;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;

/**
 * Topic {@code submission.activated}, keyed by agent: which version plays. The sequence per agent
 * makes a repeat or a late event harmless; what cannot be decoded goes to {@code
 * submission.activated.build-service.dlq}.
 */
@ApplicationScoped
class ActivationListener {

  private static final String ACTIVATED = "org.rlarena.submission.activated.v1";
  private static final String DEACTIVATED = "org.rlarena.submission.deactivated.v1";

  private final Inbox inbox;
  private final PlayingBuilds playing;

  ActivationListener(Inbox inbox, PlayingBuilds playing) {
    this.inbox = inbox;
    this.playing = playing;
  }

  @Incoming("submission-activated")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "playing",
        record,
        event -> {
          switch (event.type()) {
            case ACTIVATED -> {
              Activated now = event.as(Activated.class);
              playing.put(now.agentId(), now.sequence(), now.submissionId());
            }
            case DEACTIVATED -> {
              Deactivated none = event.as(Deactivated.class);
              playing.put(none.agentId(), none.sequence(), null);
            }
            default -> {
              // a type of a later version of the contract
            }
          }
        });
  }

  /** What is read of {@code submission.activated}. */
  @RegisterForReflection
  record Activated(UUID agentId, long sequence, UUID submissionId) {
    Activated {
      Objects.requireNonNull(agentId, "agentId");
      Objects.requireNonNull(submissionId, "submissionId");
    }
  }

  /** What is read of {@code submission.deactivated}. */
  @RegisterForReflection
  record Deactivated(UUID agentId, long sequence) {
    Deactivated {
      Objects.requireNonNull(agentId, "agentId");
    }
  }
}
