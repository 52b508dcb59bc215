package org.rlarena.matchmaking.queue;

import static java.util.Objects.requireNonNull;

import io.smallrye.reactive.messaging.annotations.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.rlarena.matchmaking.history.Pairing;
import org.rlarena.matchmaking.history.Pairings;
import org.rlarena.matchmaking.roster.Roster;
import org.rlarena.outbox.Inbox;

/**
 * Reads {@code match.finished} (key: match): a match that this service asked for has ended, and its
 * agents want to play again. Challenges are none of its business. A repeat changes nothing: a
 * pairing closes once. What cannot be decoded goes to {@code
 * match.finished.matchmaking-service.dlq}.
 */
@ApplicationScoped
class MatchListener {

  static final String FINISHED = "org.rlarena.match.finished.v1";
  static final String FAILED = "org.rlarena.match.failed.v1";
  static final String CANCELLED = "org.rlarena.match.cancelled.v1";

  private final Inbox inbox;
  private final Pairings pairings;
  private final Queue queue;
  private final Roster roster;

  MatchListener(Inbox inbox, Pairings pairings, Queue queue, Roster roster) {
    this.inbox = inbox;
    this.pairings = pairings;
    this.queue = queue;
    this.roster = roster;
  }

  @Incoming("match-finished")
  @Blocking
  void on(ConsumerRecord<String, byte[]> record) {
    inbox.receive(
        "matches",
        record,
        event -> {
          switch (event.type()) {
            case FINISHED -> finish(event.as(MatchEnd.class));
            case FAILED -> {
              MatchEnd end = event.as(MatchEnd.class);
              // before its agents are reconsidered: they would be paired and fail for ever
              roster.markUnplayable(end.unplayableSubmissionIds);
              giveUp(end, Pairing::fail);
            }
            case CANCELLED -> giveUp(event.as(MatchEnd.class), Pairing::cancel);
            default -> {
              // a fact this service does not need
            }
          }
        });
  }

  private void finish(MatchEnd end) {
    pairings
        .lock(end.matchId)
        .filter(pairing -> pairing.finish(end.rated, end.finishedAt))
        .ifPresent(
            pairing -> {
              pairings.rememberSeats(pairing);
              requeue(pairing);
            });
  }

  private void giveUp(MatchEnd end, Closing closing) {
    pairings
        .lock(end.matchId)
        .filter(pairing -> closing.close(pairing, end.finishedAt))
        .ifPresent(this::requeue);
  }

  /** In one order for all, so that transactions with common agents cannot deadlock. */
  private void requeue(Pairing pairing) {
    pairings.flush();
    pairing.agents().stream().sorted().forEach(queue::reconsider);
  }

  private interface Closing {
    boolean close(Pairing pairing, Instant at);
  }

  /**
   * What this service reads of {@code match.finished.v1}, {@code match.failed.v1} and {@code
   * match.cancelled.v1}.
   *
   * @param rated of a finished match: whether ratings follow
   * @param unplayableSubmissionIds of a failed match: versions that executors keep failing on; may
   *     be left out
   */
  record MatchEnd(
      UUID matchId, boolean rated, Instant finishedAt, List<UUID> unplayableSubmissionIds) {
    MatchEnd {
      requireNonNull(matchId, "matchId");
      requireNonNull(finishedAt, "finishedAt");
      unplayableSubmissionIds =
          unplayableSubmissionIds == null ? List.of() : List.copyOf(unplayableSubmissionIds);
    }
  }
}
