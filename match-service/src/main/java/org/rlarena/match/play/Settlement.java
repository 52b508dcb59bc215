package org.rlarena.match.play;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.match.MatchConfig;
import org.rlarena.match.matches.Failure;
import org.rlarena.match.matches.Match;
import org.rlarena.match.matches.MatchPublisher;
import org.rlarena.match.matches.MatchResult;
import org.rlarena.match.matches.Matches;
import org.rlarena.match.matches.StaleAttempt;
import org.rlarena.match.matches.StoredObject;
import org.rlarena.match.play.Attempts.Ending;
import org.rlarena.match.play.PlayOutcome.Faulty;
import org.rlarena.match.play.PlayOutcome.NotTaken;
import org.rlarena.match.play.PlayOutcome.Played;
import org.rlarena.match.replays.Uploads;

/**
 * Takes what became of an attempt, each time in one transaction under the match's row lock: result,
 * replays and event together. Dying before it commits leaves the lease to run out and the match to
 * be played again; after it the attempt is over and anything brought later is refused.
 */
@ApplicationScoped
class Settlement {

  private static final Failure REPLAY_DAMAGED =
      new Failure("replay_damaged", "The replay that arrived is not the one that was recorded.");

  private final Matches matches;
  private final Attempts attempts;
  private final Uploads uploads;
  private final MatchPublisher publisher;
  private final FaultySubmissions faulty;
  private final Clock clock;
  private final int faultLimit;
  private final int lossLimit;
  private final Duration backoff;

  Settlement(
      Matches matches,
      Attempts attempts,
      Uploads uploads,
      MatchPublisher publisher,
      FaultySubmissions faulty,
      Clock clock,
      MatchConfig config) {
    this.matches = matches;
    this.attempts = attempts;
    this.uploads = uploads;
    this.publisher = publisher;
    this.faulty = faulty;
    this.clock = clock;
    this.faultLimit = config.attempts();
    this.lossLimit = config.losses();
    this.backoff = config.retryBackoff();
  }

  /**
   * Settles an attempt.
   *
   * @throws StaleAttempt when the attempt does not hold the match any more; nothing is changed
   */
  @Transactional
  void settle(UUID matchId, UUID attemptId, PlayOutcome outcome) {
    Match match = matches.locked(matchId).orElseThrow();
    Instant now = clock.instant();
    switch (outcome) {
      case Played played -> take(match, attemptId, played, now);
      case Faulty fault -> blame(match, attemptId, fault.why(), now);
      case NotTaken notTaken -> {
        match.giveBack(attemptId, now);
        attempts.end(attemptId, Ending.RETURNED, null, notTaken.why(), now);
      }
    }
  }

  /**
   * Takes a match back from a worker that is lost, unless it was renewed or settled meanwhile or is
   * being so: waiting for one row would keep all others that are lost waiting.
   */
  @Transactional
  void reclaim(UUID matchId) {
    Instant now = clock.instant();
    Optional<Match> lost =
        matches
            .lockedUnlessHeld(matchId)
            .filter(m -> m.lease().filter(l -> l.isOver(now)).isPresent());
    if (lost.isPresent()) {
      Match match = lost.get();
      UUID attemptId = match.lease().orElseThrow().attemptId();
      match.loseWorker(lossLimit, now);
      attempts.end(attemptId, Ending.LOST, null, null, now);
      publishIfOver(match);
    }
  }

  private void take(Match match, UUID attemptId, Played played, Instant now) {
    if (!match.isHeldBy(attemptId)) {
      // Before uploads are looked at: a late attempt's may be gone.
      match.finish(attemptId, played.result(), now);
    }
    Optional<StoredObject> replay =
        uploads
            .replay(match.id(), attemptId)
            .or(() -> uploads.writtenByExecutor(match.id(), played.ownReplay(), ".json"));
    boolean asRecorded =
        played.replaySha256().isEmpty()
            || replay.map(StoredObject::sha256).equals(played.replaySha256());
    if (!asRecorded) {
      blame(match, attemptId, REPLAY_DAMAGED, now);
      return;
    }
    MatchResult result =
        played
            .result()
            .with(
                replay,
                uploads
                    .replayHtml(match.id(), attemptId)
                    .or(
                        () ->
                            uploads.writtenByExecutor(match.id(), played.ownReplayHtml(), ".html")),
                uploads.log(match.id(), attemptId));
    match.finish(attemptId, result, now);
    attempts.end(attemptId, Ending.PLAYED, null, null, now);
    publisher.over(match);
  }

  private void blame(Match match, UUID attemptId, Failure why, Instant now) {
    match.fault(attemptId, why, faultLimit, backoff, now);
    attempts.end(attemptId, Ending.FAULT, why.reason(), why.message(), now);
    publishIfOver(match);
    faulty.judge(match, now);
  }

  private void publishIfOver(Match match) {
    if (match.isOver()) {
      publisher.over(match);
    }
  }
}
