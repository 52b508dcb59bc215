package org.rlarena.match.matches;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;
import org.rlarena.match.matches.MatchEvents.Player;
import org.rlarena.match.matches.MatchEvents.PlayerResult;
import org.rlarena.outbox.Event;
import org.rlarena.outbox.Outbox;

/**
 * Puts the facts about a match into the outbox, in the transaction that makes them true. Each takes
 * the match's next sequence.
 */
@ApplicationScoped
public class MatchPublisher {

  private final Outbox outbox;
  private final UnplayableSubmissions unplayable;
  private final MatchMeters meters;

  MatchPublisher(Outbox outbox, UnplayableSubmissions unplayable, MatchMeters meters) {
    this.outbox = outbox;
    this.unplayable = unplayable;
    this.meters = meters;
  }

  /** The match waits to be played. */
  void created(Match match) {
    add(
        match,
        MatchEvents.CREATED_TOPIC,
        MatchEvents.CREATED,
        new MatchEvents.Created(
            match.id(),
            match.nextSequence(),
            match.environmentId(),
            match.kind(),
            match.isRated(),
            players(match),
            match.createdAt()));
  }

  /** An attempt to play it began. */
  public void started(Match match) {
    meters.started(match);
    add(
        match,
        MatchEvents.STARTED_TOPIC,
        MatchEvents.STARTED,
        new MatchEvents.Started(
            match.id(),
            match.nextSequence(),
            match.environmentId(),
            match.attempt(),
            players(match),
            match.startedAt()));
  }

  /** It is over: played, given up or cancelled. */
  public void over(Match match) {
    meters.over(match);
    switch (match.state()) {
      case COMPLETED ->
          add(match, MatchEvents.FINISHED_TOPIC, MatchEvents.FINISHED, finished(match));
      case FAILED -> add(match, MatchEvents.FINISHED_TOPIC, MatchEvents.FAILED, notPlayed(match));
      case CANCELLED ->
          add(match, MatchEvents.FINISHED_TOPIC, MatchEvents.CANCELLED, notPlayed(match));
      case PENDING, RUNNING ->
          throw new IllegalStateException("Match %s is not over".formatted(match.id()));
    }
  }

  private static MatchEvents.Finished finished(Match match) {
    MatchResult.Game game = match.game().orElseThrow();
    return new MatchEvents.Finished(
        match.id(),
        match.nextSequence(),
        match.environmentId(),
        match.environmentVersion(),
        match.kind(),
        match.isRatingExpected(),
        game.outcome(),
        game.winnerAgentId(),
        match.participants().stream().map(PlayerResult::of).toList(),
        // The schema wants a seed; an executor that does not tell leaves the one that was asked
        // for.
        game.seed() == null ? match.seed() : game.seed(),
        game.steps(),
        game.durationMs(),
        match.replay().orElse(null),
        match.replayHtml().orElse(null),
        match.startedAt(),
        match.completedAt());
  }

  private MatchEvents.NotPlayed notPlayed(Match match) {
    Failure why = match.failure().orElseThrow();
    return new MatchEvents.NotPlayed(
        match.id(),
        match.nextSequence(),
        match.environmentId(),
        match.kind(),
        match.isRated(),
        players(match),
        why.reason(),
        why.message(),
        why.reason().equals(UnplayableSubmissions.REASON)
            ? unplayable.idsAmong(submissionIds(match))
            : null,
        match.completedAt());
  }

  private static List<UUID> submissionIds(Match match) {
    return match.participants().stream().map(Participant::submissionId).toList();
  }

  private static List<Player> players(Match match) {
    return match.participants().stream().map(Player::of).toList();
  }

  private void add(Match match, String topic, String type, Object data) {
    String id = match.id().toString();
    outbox.add(new Event(topic, id, type, id, data), match.traceparent());
  }
}
