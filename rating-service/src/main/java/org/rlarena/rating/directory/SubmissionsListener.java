package org.rlarena.rating.directory;

import static java.util.Objects.requireNonNull;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code submission.activated} (key: agent). A repeat or an older state changes nothing, by
 * its sequence. What cannot be decoded goes to {@code submission.activated.rating-service.dlq}.
 */
@ApplicationScoped
class SubmissionsListener {

  static final String ACTIVATED = "org.rlarena.submission.activated.v1";
  static final String DEACTIVATED = "org.rlarena.submission.deactivated.v1";

  private final Inbox inbox;
  private final Directory directory;

  SubmissionsListener(Inbox inbox, Directory directory) {
    this.inbox = inbox;
    this.directory = directory;
  }

  @Incoming("submission-activated")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "submissions",
        record,
        event -> {
          switch (event.type()) {
            case ACTIVATED -> put(event.as(Submission.class), true);
            case DEACTIVATED -> put(event.as(Submission.class), false);
            default -> {
              // a fact this service does not need
            }
          }
        });
  }

  private void put(Submission submission, boolean active) {
    directory.putSubmission(
        submission.agentId(), submission.sequence(), submission.submissionId(), active);
  }

  /**
   * What this service reads of {@code submission.activated.v1} and {@code
   * submission.deactivated.v1}.
   */
  record Submission(UUID agentId, long sequence, UUID submissionId) {
    Submission {
      requireNonNull(agentId, "agentId");
      requireNonNull(submissionId, "submissionId");
      Sequences.check(sequence);
    }
  }
}
