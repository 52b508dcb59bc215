package org.rlarena.rating.ledger;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * What this service reads of {@code match.finished.v1}.
 *
 * @param rated whether ratings are to follow
 * @param participants in seat order; of a rated match at least two, all different, with ranks
 */
record MatchFinished(
    UUID matchId,
    String environmentId,
    boolean rated,
    List<Participant> participants,
    Instant finishedAt) {

  MatchFinished {
    requireNonNull(matchId, "matchId");
    requireNonNull(environmentId, "environmentId");
    requireNonNull(finishedAt, "finishedAt");
    participants = List.copyOf(requireNonNull(participants, "participants"));
    if (rated) {
      if (participants.size() < 2) {
        throw new IllegalArgumentException("A rated match has at least two participants");
      }
      if (participants.stream().map(Participant::agentId).distinct().count()
          < participants.size()) {
        throw new IllegalArgumentException("An agent plays at most once in a rated match");
      }
      if (participants.stream().anyMatch(participant -> participant.rank() < 1)) {
        throw new IllegalArgumentException("A rated match has a rank for every participant");
      }
    }
  }

  /**
   * @param rank 1 is best, equal ranks are a tie, 0 without result
   */
  record Participant(UUID agentId, UUID ownerId, UUID submissionId, int version, int rank) {
    Participant {
      requireNonNull(agentId, "agentId");
      requireNonNull(ownerId, "ownerId");
      requireNonNull(submissionId, "submissionId");
    }
  }

  List<Integer> ranks() {
    return participants.stream().map(Participant::rank).toList();
  }
}
