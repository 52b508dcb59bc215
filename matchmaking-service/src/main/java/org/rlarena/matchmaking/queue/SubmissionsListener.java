package org.rlarena.matchmaking.queue;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.matchmaking.roster.Roster;
import org.rlarena.matchmaking.roster.SubmissionActivated;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code submission.activated} (key: agent): with its first version an agent enters the
 * queue, with another one it keeps its place, without one it leaves. A repeat or an older state
 * changes nothing, by its sequence. What cannot be decoded goes to {@code
 * submission.activated.matchmaking-service.dlq}.
 */
@ApplicationScoped
class SubmissionsListener {

  static final String ACTIVATED = "org.rlarena.submission.activated.v1";
  static final String DEACTIVATED = "org.rlarena.submission.deactivated.v1";

  private final Inbox inbox;
  private final Roster roster;
  private final Queue queue;

  SubmissionsListener(Inbox inbox, Roster roster, Queue queue) {
    this.inbox = inbox;
    this.roster = roster;
    this.queue = queue;
  }

  @Incoming("submission-activated")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "submissions",
        record,
        event -> {
          switch (event.type()) {
            case ACTIVATED -> {
              var version = event.as(SubmissionActivated.class);
              roster.put(version);
              queue.reconsider(version.agentId());
            }
            case DEACTIVATED -> {
              var version = event.as(SubmissionActivated.Deactivated.class);
              roster.remove(version);
              queue.reconsider(version.agentId());
            }
            default -> {
              // a fact this service does not need
            }
          }
        });
  }
}
