package org.rlarena.matchmaking.queue;

import static java.util.Objects.requireNonNull;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.matchmaking.roster.Roster;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code rating.changed} (key: environment). A repeat or an older rating changes nothing, by
 * each agent's sequence. What cannot be decoded goes to {@code
 * rating.changed.matchmaking-service.dlq}.
 */
@ApplicationScoped
class RatingsListener {

  static final String CHANGED = "org.rlarena.rating.changed.v1";

  private final Inbox inbox;
  private final Roster roster;

  RatingsListener(Inbox inbox, Roster roster) {
    this.inbox = inbox;
    this.roster = roster;
  }

  @Incoming("rating-changed")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "ratings",
        record,
        event -> {
          if (event.type().equals(CHANGED)) {
            event
                .as(RatingChanged.class)
                .inAgentOrder()
                .forEach(change -> roster.putRating(change.agentId, change.after, change.sequence));
          }
        });
  }

  /** What this service reads of {@code rating.changed.v1}. */
  record RatingChanged(List<Change> changes) {
    RatingChanged {
      changes = List.copyOf(requireNonNull(changes, "changes"));
    }

    /** One order for all, so that two events of the same agents cannot deadlock. */
    List<Change> inAgentOrder() {
      return changes.stream().sorted((one, other) -> one.agentId.compareTo(other.agentId)).toList();
    }
  }

  /**
   * @param after rating after the match, in rating points
   * @param sequence number of the agent's rated matches
   */
  record Change(UUID agentId, int after, long sequence) {
    Change {
      requireNonNull(agentId, "agentId");
      if (sequence < 1) {
        throw new IllegalArgumentException("sequence must be at least 1: " + sequence);
      }
    }
  }
}
