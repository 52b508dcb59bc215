package org.rlarena.gateway.live;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.rlarena.gateway.bus.BusEvent;
import org.rlarena.gateway.bus.BusListener;

/**
 * What happens to matches and ratings. A rated match is complete for clients when its ratings are
 * known, so the two events, which may come in either order, are joined; all others are complete
 * when they have ended. What waits for its other half is bounded, and forgotten if that never
 * comes.
 */
@ApplicationScoped
class MatchUpdates implements BusListener {

  private static final String CREATED = "org.rlarena.match.created.v1";
  private static final String STARTED = "org.rlarena.match.started.v1";
  private static final String FINISHED = "org.rlarena.match.finished.v1";
  private static final String FAILED = "org.rlarena.match.failed.v1";
  private static final String CANCELLED = "org.rlarena.match.cancelled.v1";
  private static final String RATED = "org.rlarena.rating.changed.v1";

  private static final int MOST_WAITING = 10_000;

  private final ObjectMapper json;
  private final Hub hub;
  private final Bounded<UUID, MatchEvent> awaitRating = new Bounded<>(MOST_WAITING);
  private final Bounded<UUID, Rated> awaitResult = new Bounded<>(MOST_WAITING);

  MatchUpdates(ObjectMapper json, Hub hub) {
    this.json = json;
    this.hub = hub;
  }

  @Override
  public Map<String, Start> topics() {
    return Map.of(
        "match.created", Start.RECENT,
        "match.started", Start.RECENT,
        "match.finished", Start.RECENT,
        "rating.changed", Start.RECENT);
  }

  @Override
  public void on(BusEvent event) throws IOException {
    switch (event.type()) {
      case CREATED -> publish(event, "match_created", "pending");
      case STARTED -> publish(event, "match_started", "running");
      case FINISHED -> finished(event);
      case FAILED -> publish(event, "match_completed", "failed");
      case CANCELLED -> publish(event, "match_completed", "cancelled");
      case RATED -> rated(event);
      default -> {
        // a fact that clients are not told
      }
    }
  }

  private void publish(BusEvent event, String type, String status) throws IOException {
    MatchEvent match = json.readValue(event.data(), MatchEvent.class);
    publish(Position.of(event), type, match, MatchUpdate.of(match, status, Map.of()));
  }

  private void publish(String position, String type, MatchEvent match, MatchUpdate update) {
    Set<Topic> topics = new HashSet<>();
    topics.add(Topic.match(match.matchId));
    topics.add(Topic.environment(match.environmentId));
    for (MatchEvent.Participant participant : match.participants) {
      topics.add(Topic.agent(participant.agentId));
      topics.add(Topic.user(participant.ownerId));
    }
    hub.publish(new Draft(position, type, update, topics));
  }

  private void finished(BusEvent event) throws IOException {
    MatchEvent match = json.readValue(event.data(), MatchEvent.class);
    if (!match.rated) {
      publish(event, "match_completed", "completed");
      return;
    }
    Rated rated = awaitResult.remove(match.matchId);
    if (rated == null) {
      awaitRating.put(match.matchId, match);
    } else {
      complete(match, rated);
    }
  }

  private void rated(BusEvent event) throws IOException {
    RatingEvent rating = json.readValue(event.data(), RatingEvent.class);
    for (int i = 0; i < rating.changes.size(); i++) {
      RatingEvent.Change change = rating.changes.get(i);
      hub.publish(
          new Draft(
              Position.of(event, "a" + i),
              "rating_changed",
              RatingUpdate.of(rating, change),
              Set.of(Topic.agent(change.agentId), Topic.user(change.ownerId))));
    }
    hub.publish(
        new Draft(
            Position.of(event, "b"),
            "leaderboard_update",
            BoardUpdate.of(rating),
            Set.of(Topic.environment(rating.environmentId))));
    Rated rated = new Rated(Position.of(event, "c"), rating);
    MatchEvent match = awaitRating.remove(rating.matchId);
    if (match == null) {
      awaitResult.put(rating.matchId, rated);
    } else {
      complete(match, rated);
    }
  }

  private void complete(MatchEvent match, Rated rated) {
    Map<UUID, RatingEvent.Change> changes =
        rated.rating.changes.stream()
            .collect(
                Collectors.toMap(RatingEvent.Change::agentId, Function.identity(), (a, b) -> a));
    publish(rated.position, "match_completed", match, MatchUpdate.of(match, "completed", changes));
  }

  private record Rated(String position, RatingEvent rating) {}

  /** What is read of all {@code match.*} events; what an event does not have is null. */
  @RegisterForReflection
  record MatchEvent(
      UUID matchId,
      String environmentId,
      String kind,
      boolean rated,
      String outcome,
      UUID winnerAgentId,
      List<Participant> participants,
      Integer attempt,
      Integer steps,
      String reason,
      String message,
      Instant createdAt,
      Instant startedAt,
      Instant finishedAt) {

    @RegisterForReflection
    record Participant(
        UUID agentId,
        String agentName,
        UUID ownerId,
        UUID submissionId,
        Integer version,
        Double score,
        Integer rank,
        String verdict) {}
  }

  /** What is read of {@code rating.changed.v1}. */
  @RegisterForReflection
  record RatingEvent(
      long ledgerNumber,
      String environmentId,
      UUID matchId,
      List<Change> changes,
      Instant ratedAt) {

    @RegisterForReflection
    record Change(
        UUID agentId,
        UUID ownerId,
        int before,
        int after,
        int change,
        int wins,
        int losses,
        int draws) {}
  }

  /** Payload of {@code match_created}, {@code match_started} and {@code match_completed}. */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_NULL)
  record MatchUpdate(
      UUID matchId,
      String environmentId,
      String status,
      String kind,
      Boolean rated,
      String outcome,
      UUID winnerId,
      List<Seat> participants,
      Map<UUID, Integer> eloChanges,
      Integer attempt,
      Integer steps,
      String reason,
      String message,
      Instant createdAt,
      Instant startedAt,
      Instant completedAt) {

    static MatchUpdate of(MatchEvent match, String status, Map<UUID, RatingEvent.Change> changes) {
      Map<UUID, Integer> eloChanges =
          changes.values().stream()
              .collect(Collectors.toMap(RatingEvent.Change::agentId, RatingEvent.Change::change));
      return new MatchUpdate(
          match.matchId,
          match.environmentId,
          status,
          match.kind,
          // match.started does not say
          match.kind == null ? null : match.rated,
          match.outcome,
          match.winnerAgentId,
          match.participants.stream().map(p -> Seat.of(p, changes.get(p.agentId))).toList(),
          eloChanges.isEmpty() ? null : eloChanges,
          match.attempt,
          match.steps,
          match.reason,
          match.message,
          match.createdAt,
          match.startedAt,
          match.finishedAt);
    }

    /** One participant; score, rank, verdict and ratings once there are any. */
    @RegisterForReflection
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Seat(
        UUID agentId,
        String agentName,
        UUID userId,
        UUID submissionId,
        Integer version,
        Double score,
        Integer rank,
        String verdict,
        Integer eloBefore,
        Integer eloAfter,
        Integer eloChange) {

      static Seat of(MatchEvent.Participant participant, RatingEvent.Change change) {
        return new Seat(
            participant.agentId,
            participant.agentName,
            participant.ownerId,
            participant.submissionId,
            participant.version,
            participant.score,
            participant.rank,
            participant.verdict,
            change == null ? null : change.before,
            change == null ? null : change.after,
            change == null ? null : change.change);
      }
    }
  }

  /** Payload of {@code rating_changed}. */
  @RegisterForReflection
  record RatingUpdate(
      UUID agentId,
      String environmentId,
      UUID matchId,
      long ledgerNumber,
      int before,
      int after,
      int change,
      int wins,
      int losses,
      int draws,
      Instant ratedAt) {

    static RatingUpdate of(RatingEvent rating, RatingEvent.Change change) {
      return new RatingUpdate(
          change.agentId,
          rating.environmentId,
          rating.matchId,
          rating.ledgerNumber,
          change.before,
          change.after,
          change.change,
          change.wins,
          change.losses,
          change.draws,
          rating.ratedAt);
    }
  }

  /** Payload of {@code leaderboard_update}: the rows that changed. */
  @RegisterForReflection
  record BoardUpdate(
      String environmentId, long ledgerNumber, List<Row> entries, Instant updatedAt) {

    static BoardUpdate of(RatingEvent rating) {
      return new BoardUpdate(
          rating.environmentId,
          rating.ledgerNumber,
          rating.changes.stream()
              .map(c -> new Row(c.agentId, c.ownerId, c.after, c.wins, c.losses, c.draws))
              .toList(),
          rating.ratedAt);
    }

    @RegisterForReflection
    record Row(UUID id, UUID userId, int elo, int wins, int losses, int draws) {}
  }
}
