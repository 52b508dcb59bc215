package org.rlarena.match.matches;

import jakarta.persistence.AttributeOverride;
import jakarta.persistence.CascadeType;
import jakarta.persistence.Column;
import jakarta.persistence.Embedded;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.OneToMany;
import jakarta.persistence.OrderBy;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.BatchSize;
import org.rlarena.match.matches.MatchResult.SeatResult;
import org.rlarena.telemetry.Trace;

/**
 * A match and who may decide it. At any time at most one attempt holds it, by its {@link Lease};
 * only that attempt can finish it, fail it or give it back, and once it is over nothing changes it.
 * Use it under its row's lock; instances are not thread-safe.
 */
@Entity
@Table(name = "match")
public class Match {

  @Id private UUID id;
  @Version private long revision;
  private long sequence;

  @Column(name = "environment_id")
  private String environmentId;

  @Column(name = "environment_version")
  private String environmentVersion;

  @Enumerated(EnumType.STRING)
  private MatchKind kind;

  private boolean rated;

  @Column(name = "pairing_reason")
  private String pairingReason;

  @Column(name = "challenger_id")
  private UUID challengerId;

  private long seed;

  @Enumerated(EnumType.STRING)
  private MatchState state;

  /** The trace of what asked for the match; null without one. */
  private String traceparent;

  @Column(name = "created_at")
  private Instant createdAt;

  @Embedded private Lease lease;

  @Column(name = "not_before")
  private Instant notBefore;

  private int faults;
  private int losses;

  @Column(name = "last_fault_place")
  private String lastFaultPlace;

  @Column(name = "started_at")
  private Instant startedAt;

  @Column(name = "completed_at")
  private Instant completedAt;

  @Embedded private MatchResult.Game game;

  @Column(name = "rating_expected")
  private boolean ratingExpected;

  @Embedded private Failure failure;

  @Embedded
  @AttributeOverride(name = "key", column = @Column(name = "replay_key"))
  @AttributeOverride(name = "bytes", column = @Column(name = "replay_bytes"))
  @AttributeOverride(name = "sha256", column = @Column(name = "replay_sha256"))
  private StoredObject replay;

  @Embedded
  @AttributeOverride(name = "key", column = @Column(name = "replay_html_key"))
  @AttributeOverride(name = "bytes", column = @Column(name = "replay_html_bytes"))
  @AttributeOverride(name = "sha256", column = @Column(name = "replay_html_sha256"))
  private StoredObject replayHtml;

  @Embedded
  @AttributeOverride(name = "key", column = @Column(name = "log_key"))
  @AttributeOverride(name = "bytes", column = @Column(name = "log_bytes"))
  @AttributeOverride(name = "sha256", column = @Column(name = "log_sha256"))
  private StoredObject log;

  @OneToMany(mappedBy = "match", cascade = CascadeType.PERSIST)
  @OrderBy("seat")
  @BatchSize(size = 100)
  private List<Participant> participants = new ArrayList<>();

  protected Match() {}

  private Match(NewMatch wanted, Instant now) {
    id = wanted.id();
    kind = wanted.kind();
    rated = wanted.rated();
    environmentId = wanted.environmentId();
    environmentVersion = wanted.environmentVersion();
    seed = wanted.seed();
    pairingReason = wanted.pairingReason();
    challengerId = wanted.challengerId();
    state = MatchState.PENDING;
    traceparent = Trace.current().orElse(null);
    createdAt = now;
    notBefore = now;
  }

  /** A match that waits to be played. */
  public static Match waiting(NewMatch wanted, Instant now) {
    Match match = new Match(wanted, now);
    for (Seat seat : wanted.seats()) {
      match.participants.add(new Participant(match, match.participants.size(), seat));
    }
    return match;
  }

  /**
   * Hands the match to an attempt.
   *
   * @throws IllegalStateException when it is not waiting, or its pause is not over
   */
  public void start(Lease lease, Instant now) {
    if (state != MatchState.PENDING || now.isBefore(notBefore)) {
      throw new IllegalStateException("Match %s is not waiting to be played".formatted(id));
    }
    this.lease = lease;
    state = MatchState.RUNNING;
    startedAt = now;
  }

  /** Whether the attempt holds the match. */
  public boolean isHeldBy(UUID attemptId) {
    return state == MatchState.RUNNING && lease.attemptId().equals(attemptId);
  }

  /**
   * Takes the result.
   *
   * @throws StaleAttempt when the attempt does not hold the match
   * @throws IllegalArgumentException when the result is about other agents than those seated
   */
  public void finish(UUID attemptId, MatchResult result, Instant now) {
    requireHeldBy(attemptId);
    List<UUID> seated = participants.stream().map(Participant::agentId).toList();
    if (!result.seats().stream().map(SeatResult::agentId).toList().equals(seated)) {
      throw new IllegalArgumentException("The result is about other agents than those seated");
    }
    for (int seat = 0; seat < participants.size(); seat++) {
      participants.get(seat).finish(result.seats().get(seat), now);
    }
    game = result.game();
    ratingExpected = rated && game.outcome() != Outcome.NO_CONTEST;
    replay = result.replay().orElse(null);
    replayHtml = result.replayHtml().orElse(null);
    log = result.log().orElse(null);
    end(MatchState.COMPLETED, now);
  }

  /**
   * Notes that the executor failed the attempt for reasons of its own. The match waits again, each
   * time four times longer, or is given up when it has been tried often enough.
   *
   * @throws StaleAttempt when the attempt does not hold the match
   */
  public void fault(UUID attemptId, Failure why, int limit, Duration backoff, Instant now) {
    requireHeldBy(attemptId);
    faults++;
    lastFaultPlace = lease.place();
    if (faults >= limit) {
      giveUp(why, now);
    } else {
      waitAgain(now.plus(backoff.multipliedBy(1L << (2 * (faults - 1)))));
    }
  }

  /**
   * Takes the match back from an attempt that never played it, which costs nothing.
   *
   * @throws StaleAttempt when the attempt does not hold the match
   */
  public void giveBack(UUID attemptId, Instant now) {
    requireHeldBy(attemptId);
    waitAgain(now);
  }

  /**
   * Takes the match from a worker that let its lease run out.
   *
   * @throws IllegalStateException when the lease is good
   */
  public void loseWorker(int limit, Instant now) {
    if (state != MatchState.RUNNING || !lease.isOver(now)) {
      throw new IllegalStateException("Match %s has not lost its worker".formatted(id));
    }
    losses++;
    if (losses >= limit) {
      giveUp(new Failure("worker_lost", "Those who played the match were lost, every time."), now);
    } else {
      waitAgain(now);
    }
  }

  /**
   * Ends a match that was not played, for no fault of the platform.
   *
   * @throws IllegalStateException unless it is waiting
   */
  public void cancel(Failure why, Instant now) {
    if (state != MatchState.PENDING) {
      throw new IllegalStateException("Match %s is not waiting to be played".formatted(id));
    }
    failure = why;
    end(MatchState.CANCELLED, now);
  }

  /**
   * Gives the match up: nobody is to blame, nothing is rated.
   *
   * @throws IllegalStateException when it is over already
   */
  public void giveUp(Failure why, Instant now) {
    if (isOver()) {
      throw new IllegalStateException("Match %s is over".formatted(id));
    }
    failure = why;
    end(MatchState.FAILED, now);
  }

  /** Names the log anew after a part of it was erased. */
  public void replaceLog(StoredObject log) {
    this.log = log;
  }

  /** Number for the next event about this match. */
  long nextSequence() {
    return ++sequence;
  }

  /** The trace to which everything about the match belongs, whoever does it. */
  public Optional<String> traceparent() {
    return Optional.ofNullable(traceparent);
  }

  private void waitAgain(Instant when) {
    lease = null;
    startedAt = null;
    notBefore = when;
    state = MatchState.PENDING;
  }

  private void end(MatchState end, Instant now) {
    lease = null;
    completedAt = now;
    state = end;
    participants.forEach(Participant::close);
  }

  private void requireHeldBy(UUID attemptId) {
    if (!isHeldBy(attemptId)) {
      throw new StaleAttempt(id, attemptId);
    }
  }

  public UUID id() {
    return id;
  }

  public String environmentId() {
    return environmentId;
  }

  /** The version that was played if the executor said so, else the one that was asked for. */
  public String environmentVersion() {
    return game == null || game.environmentVersion() == null
        ? environmentVersion
        : game.environmentVersion();
  }

  public MatchKind kind() {
    return kind;
  }

  /** Whether the result is meant to count. */
  public boolean isRated() {
    return rated;
  }

  /** Whether ratings follow from it: it is rated and has a result. */
  public boolean isRatingExpected() {
    return ratingExpected;
  }

  /** The seed drawn for it, whatever the executor did. */
  public long seed() {
    return seed;
  }

  public MatchState state() {
    return state;
  }

  /** Whether nothing can change any more. */
  public boolean isOver() {
    return switch (state) {
      case PENDING, RUNNING -> false;
      case COMPLETED, FAILED, CANCELLED -> true;
    };
  }

  /**
   * Number of the current or next attempt, from 1; those that were given back unplayed do not
   * count.
   */
  public int attempt() {
    return faults + losses + 1;
  }

  /** How often executors failed it. */
  public int faults() {
    return faults;
  }

  /** Who plays it now. */
  public Optional<Lease> lease() {
    return Optional.ofNullable(lease);
  }

  /** When it may next be started. */
  public Instant notBefore() {
    return notBefore;
  }

  public Instant createdAt() {
    return createdAt;
  }

  /** When the last attempt began; null while it waits. */
  public Instant startedAt() {
    return startedAt;
  }

  /** When it ended in whatever way; null before. */
  public Instant completedAt() {
    return completedAt;
  }

  /** The game, once it was played. */
  public Optional<MatchResult.Game> game() {
    return Optional.ofNullable(game);
  }

  /** Why it was not played to a result. */
  public Optional<Failure> failure() {
    return Optional.ofNullable(failure);
  }

  public Optional<StoredObject> replay() {
    return Optional.ofNullable(replay);
  }

  public Optional<StoredObject> replayHtml() {
    return Optional.ofNullable(replayHtml);
  }

  /** What the agents printed; for their owners. */
  public Optional<StoredObject> log() {
    return Optional.ofNullable(log);
  }

  /** In seat order. */
  public List<Participant> participants() {
    return Collections.unmodifiableList(participants);
  }
}
