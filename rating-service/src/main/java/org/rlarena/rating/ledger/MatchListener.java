package org.rlarena.rating.ledger;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code match.finished} (key: match). A repeat is safe twice over: by the event's id and by
 * the match's place in the ledger. Failed and cancelled matches rate nobody. What cannot be
 * decoded, or contradicts itself, goes to {@code match.finished.rating-service.dlq}.
 */
@ApplicationScoped
class MatchListener {

  static final String FINISHED = "org.rlarena.match.finished.v1";

  private final Inbox inbox;
  private final RateMatch rateMatch;

  MatchListener(Inbox inbox, RateMatch rateMatch) {
    this.inbox = inbox;
    this.rateMatch = rateMatch;
  }

  @Incoming("match-finished")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "ledger",
        record,
        event -> {
          if (event.type().equals(FINISHED)) {
            rateMatch.rate(event.as(MatchFinished.class));
          }
        });
  }
}
