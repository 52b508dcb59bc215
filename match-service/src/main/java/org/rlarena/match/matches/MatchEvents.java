package org.rlarena.match.matches;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * What this service publishes about matches, keyed by match, so that the facts of one match stay in
 * order. Readers: matchmaking-service and rating-service of {@code match.finished}; the live stream
 * of all three topics.
 */
@RegisterForReflection
final class MatchEvents {

  static final String CREATED_TOPIC = "match.created";
  static final String STARTED_TOPIC = "match.started";
  static final String FINISHED_TOPIC = "match.finished";

  static final String CREATED = "org.rlarena.match.created.v1";
  static final String STARTED = "org.rlarena.match.started.v1";
  static final String FINISHED = "org.rlarena.match.finished.v1";
  static final String FAILED = "org.rlarena.match.failed.v1";
  static final String CANCELLED = "org.rlarena.match.cancelled.v1";

  private MatchEvents() {}

  record Created(
      UUID matchId,
      long sequence,
      String environmentId,
      MatchKind kind,
      boolean rated,
      List<Player> participants,
      Instant createdAt) {}

  record Started(
      UUID matchId,
      long sequence,
      String environmentId,
      int attempt,
      List<Player> participants,
      Instant startedAt) {}

  /**
   * Given up or cancelled; the type tells which.
   *
   * @param unplayableSubmissionIds null unless it was given up because of them
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record NotPlayed(
      UUID matchId,
      long sequence,
      String environmentId,
      MatchKind kind,
      boolean rated,
      List<Player> participants,
      String reason,
      String message,
      List<UUID> unplayableSubmissionIds,
      Instant finishedAt) {}

  @JsonInclude(JsonInclude.Include.ALWAYS)
  record Finished(
      UUID matchId,
      long sequence,
      String environmentId,
      String environmentVersion,
      MatchKind kind,
      boolean rated,
      Outcome outcome,
      UUID winnerAgentId,
      List<PlayerResult> participants,
      long seed,
      long steps,
      long durationMs,
      StoredObject replay,
      StoredObject replayHtml,
      Instant startedAt,
      Instant finishedAt) {}

  record Player(UUID agentId, String agentName, UUID ownerId, UUID submissionId, int version) {

    static Player of(Participant p) {
      return new Player(p.agentId(), p.agentName(), p.ownerId(), p.submissionId(), p.version());
    }
  }

  record PlayerResult(
      UUID agentId,
      String agentName,
      UUID ownerId,
      UUID submissionId,
      int version,
      double score,
      int rank,
      String verdict) {

    static PlayerResult of(Participant p) {
      return new PlayerResult(
          p.agentId(),
          p.agentName(),
          p.ownerId(),
          p.submissionId(),
          p.version(),
          p.score(),
          p.rank(),
          p.verdict());
    }
  }
}
