package org.rlarena.match.matches;

import static java.util.Objects.requireNonNull;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code rating.changed}, keyed by environment. The match and the ledger number make a repeat
 * or a late event harmless; what cannot be read goes to {@code rating.changed.match-service.dlq}.
 */
@ApplicationScoped
class RatingListener {

  private static final String CHANGED = "org.rlarena.rating.changed.v1";

  private final Inbox inbox;
  private final RatingChanges ratings;

  RatingListener(Inbox inbox, RatingChanges ratings) {
    this.inbox = inbox;
    this.ratings = ratings;
  }

  @Incoming("rating-changed")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "ratings",
        record,
        event -> {
          if (event.type().equals(CHANGED)) {
            RatingChanged rated = event.as(RatingChanged.class);
            for (RatingChanged.Change moved : rated.changes()) {
              ratings.put(rated.matchId(), moved.agentId(), rated.ledgerNumber(), moved.change());
            }
          }
        });
  }

  /** What this service reads of {@code rating.changed.v1}. */
  @RegisterForReflection
  record RatingChanged(long ledgerNumber, UUID matchId, List<Change> changes) {
    RatingChanged {
      requireNonNull(matchId, "matchId");
      requireNonNull(changes, "changes");
    }

    @RegisterForReflection
    record Change(UUID agentId, int change) {
      Change {
        requireNonNull(agentId, "agentId");
      }
    }
  }
}
