package org.rlarena.match.matches;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code match.requested}, keyed by match. The match's id makes a repeat harmless; what
 * cannot be read, or names fewer than two different agents, goes to {@code
 * match.requested.match-service.dlq}.
 */
@ApplicationScoped
class MatchRequestedListener {

  private static final String REQUESTED = "org.rlarena.match.requested.v1";

  private final Inbox inbox;
  private final CreateMatch createMatch;

  MatchRequestedListener(Inbox inbox, CreateMatch createMatch) {
    this.inbox = inbox;
    this.createMatch = createMatch;
  }

  @Incoming("match-requested")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "requests",
        record,
        event -> {
          if (event.type().equals(REQUESTED)) {
            createMatch.create(event.as(MatchRequested.class).wanted());
          }
        });
  }

  /** What this service reads of {@code match.requested.v1}. */
  @RegisterForReflection
  record MatchRequested(
      UUID matchId,
      String environmentId,
      String environmentVersion,
      long seed,
      boolean rated,
      String reason,
      List<Seat> seats) {

    MatchRequested {
      // Checked here, where a fault still counts as an event that cannot be read.
      wanted(matchId, environmentId, environmentVersion, seed, rated, reason, seats);
    }

    NewMatch wanted() {
      return wanted(matchId, environmentId, environmentVersion, seed, rated, reason, seats);
    }

    private static NewMatch wanted(
        UUID matchId,
        String environmentId,
        String environmentVersion,
        long seed,
        boolean rated,
        String reason,
        List<Seat> seats) {
      return new NewMatch(
          matchId,
          MatchKind.LADDER,
          rated,
          environmentId,
          environmentVersion,
          seed,
          reason,
          null,
          seats);
    }
  }
}
