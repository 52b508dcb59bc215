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
 * Reads {@code match.finished} (key: match), whose three types name the owners. A repeat is safe
 * twice over: by the event's id in the inbox, and by hook and event. What cannot be decoded goes to
 * {@code match.finished.webhook-service.dlq}.
 */
@ApplicationScoped
class MatchListener {

  static final String TOPIC = "match.finished";

  private static final Set<String> TYPES =
      Set.of(
          "org.rlarena.match.finished.v1",
          "org.rlarena.match.failed.v1",
          "org.rlarena.match.cancelled.v1");

  private final Inbox inbox;
  private final FanOut fanOut;

  MatchListener(Inbox inbox, FanOut fanOut) {
    this.inbox = inbox;
    this.fanOut = fanOut;
  }

  @Incoming("matches")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "matches",
        record,
        event -> {
          if (TYPES.contains(event.type())) {
            fanOut.tell(TOPIC, event, event.as(MatchEnded.class).owners());
          }
        });
  }

  /** What this service reads of a match that is over. */
  @RegisterForReflection
  record MatchEnded(List<Participant> participants) {
    MatchEnded {
      participants = List.copyOf(requireNonNull(participants, "participants"));
    }

    Set<UUID> owners() {
      return participants.stream().map(Participant::ownerId).collect(Collectors.toSet());
    }
  }

  /** One of its agents. */
  @RegisterForReflection
  record Participant(UUID ownerId) {
    Participant {
      requireNonNull(ownerId, "ownerId");
    }
  }
}
