package org.rlarena.match.matches;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.rlarena.match.directory.AgentEntry;

/**
 * A match as everyone may see it; what does not apply (yet) is left out. Seed and steps appear once
 * the match is over. {@code agent1} and {@code agent2} are the first two seats.
 *
 * @param ratingStatus {@code none} when no rating follows, {@code pending} or {@code rated}
 * @param replayUrl path below {@code /storage/}
 * @param errorMessage why a failed or cancelled match was not played
 * @param errorReason the same for machines
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MatchView(
    UUID id,
    UUID agent1Id,
    UUID agent2Id,
    UUID agent1SubmissionId,
    UUID agent2SubmissionId,
    String environmentId,
    String environmentVersion,
    MatchKind kind,
    boolean rated,
    String ratingStatus,
    MatchState status,
    Outcome outcome,
    UUID winnerId,
    Double agent1Score,
    Double agent2Score,
    Integer agent1EloChange,
    Integer agent2EloChange,
    @JsonProperty("isPublic") boolean visible,
    String replayUrl,
    String replayHtmlUrl,
    String errorReason,
    String errorMessage,
    List<Seated> participants,
    Long seed,
    Long steps,
    Long durationMs,
    Instant startedAt,
    Instant completedAt,
    Instant createdAt) {

  /**
   * The view of a match.
   *
   * @param agents what is known of its agents now
   * @param changes rating change by agent, empty while it is not rated
   */
  static MatchView of(Match match, Map<UUID, AgentEntry> agents, Map<UUID, Integer> changes) {
    List<Seated> seats =
        match.participants().stream().map(p -> Seated.of(p, agents, changes)).toList();
    Seated first = seats.get(0);
    Seated second = seats.get(1);
    MatchResult.Game game = match.game().orElse(null);
    Failure failure = match.failure().orElse(null);
    return new MatchView(
        match.id(),
        first.agentId,
        second.agentId,
        first.submissionId,
        second.submissionId,
        match.environmentId(),
        match.environmentVersion(),
        match.kind(),
        match.isRated(),
        ratingStatus(match, changes),
        match.state(),
        game == null ? null : game.outcome(),
        game == null ? null : game.winnerAgentId(),
        first.score,
        second.score,
        first.eloChange,
        second.eloChange,
        true,
        match.replay().map(r -> "replays/" + match.id() + ".json").orElse(null),
        match.replayHtml().map(r -> "replays/" + match.id() + ".html").orElse(null),
        failure == null ? null : failure.reason(),
        failure == null ? null : failure.message(),
        seats,
        game == null ? null : game.seed(),
        game == null ? null : game.steps(),
        game == null ? null : game.durationMs(),
        match.startedAt(),
        match.completedAt(),
        match.createdAt());
  }

  /** The same with replay paths from the root of the site, as lists of replays give them. */
  MatchView withRootedReplays() {
    return new MatchView(
        id,
        agent1Id,
        agent2Id,
        agent1SubmissionId,
        agent2SubmissionId,
        environmentId,
        environmentVersion,
        kind,
        rated,
        ratingStatus,
        status,
        outcome,
        winnerId,
        agent1Score,
        agent2Score,
        agent1EloChange,
        agent2EloChange,
        visible,
        rooted(replayUrl),
        rooted(replayHtmlUrl),
        errorReason,
        errorMessage,
        participants,
        seed,
        steps,
        durationMs,
        startedAt,
        completedAt,
        createdAt);
  }

  private static String rooted(String path) {
    return path == null ? null : "/storage/" + path;
  }

  private static String ratingStatus(Match match, Map<UUID, Integer> changes) {
    if (!changes.isEmpty()) {
      return "rated";
    }
    boolean follows = match.isOver() ? match.isRatingExpected() : match.isRated();
    return follows ? "pending" : "none";
  }

  /**
   * One seat.
   *
   * @param name the agent's name now, or the one it had when it was last heard of
   * @param codeSha256 digest of the bundle that plays, as the replay names it
   * @param rank 1 is best, equal ranks are a tie, 0 without result
   * @param verdict why the agent lost otherwise than by play
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Seated(
      UUID agentId,
      String name,
      UUID ownerId,
      UUID submissionId,
      int version,
      String codeSha256,
      Double score,
      Integer rank,
      String verdict,
      Integer eloChange) {

    static Seated of(Participant p, Map<UUID, AgentEntry> agents, Map<UUID, Integer> changes) {
      AgentEntry agent = agents.get(p.agentId());
      return new Seated(
          p.agentId(),
          agent == null ? p.agentName() : agent.name(),
          p.ownerId(),
          p.submissionId(),
          p.version(),
          p.bundle().sha256(),
          p.score(),
          p.rank(),
          p.verdict(),
          changes.get(p.agentId()));
    }
  }
}
