package org.rlarena.webhook.events;

import static java.util.Objects.requireNonNull;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code rating.changed} (key: environment), which names the owners. Repeats as in {@link
 * MatchListener}; what cannot be decoded goes to {@code rating.changed.webhook-service.dlq}.
 */
@ApplicationScoped
class RatingListener {

  static final String TOPIC = "rating.changed";
  static final String CHANGED = "org.rlarena.rating.changed.v1";

  private final Inbox inbox;
  private final FanOut fanOut;

  RatingListener(Inbox inbox, FanOut fanOut) {
    this.inbox = inbox;
    this.fanOut = fanOut;
  }

  @Incoming("ratings")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "ratings",
        record,
        event -> {
          if (event.type().equals(CHANGED)) {
            fanOut.tell(TOPIC, event, event.as(RatingChanged.class).owners());
          }
        });
  }

  /** What this service reads of {@code rating.changed.v1}. */
  @RegisterForReflection
  record RatingChanged(List<Change> changes) {
    RatingChanged {
      changes = List.copyOf(requireNonNull(changes, "changes"));
    }

    Set<UUID> owners() {
      return changes.stream().map(Change::ownerId).collect(Collectors.toSet());
    }
  }

  /** One agent's. */
  @RegisterForReflection
  record Change(UUID ownerId) {
    Change {
      requireNonNull(ownerId, "ownerId");
    }
  }
}
