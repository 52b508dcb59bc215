package org.rlarena.match.matches;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Versions that are not played any more because executors keep failing on them. */
@ApplicationScoped
public class UnplayableSubmissions {

  /** Reason of matches that are given up because of such a version. */
  public static final String REASON = "submission_unplayable";

  private final EntityManager entities;

  UnplayableSubmissions(EntityManager entities) {
    this.entities = entities;
  }

  /** Why a match with these versions is not to be played, if it is not. */
  public Optional<Failure> among(Collection<UUID> submissionIds) {
    @SuppressWarnings("unchecked")
    List<String> messages =
        entities
            .createNativeQuery(
                "select message from unplayable_submission where submission_id in (:ids)",
                String.class)
            .setParameter("ids", submissionIds)
            .getResultList();
    return messages.stream().findFirst().map(message -> new Failure(REASON, message));
  }

  /** Those of the versions that are not to be played. */
  List<UUID> idsAmong(Collection<UUID> submissionIds) {
    @SuppressWarnings("unchecked")
    List<UUID> ids =
        entities
            .createNativeQuery(
                "select submission_id from unplayable_submission where submission_id in (:ids)",
                UUID.class)
            .setParameter("ids", submissionIds)
            .getResultList();
    return ids;
  }

  /**
   * Takes a version out of play.
   *
   * @return false when it was out already
   */
  public boolean add(UUID submissionId, UUID agentId, String message, Instant now) {
    return entities
            .createNativeQuery(
                """
                insert into unplayable_submission (submission_id, agent_id, since, message)
                values (:submission, :agent, :since, :message) on conflict do nothing
                """)
            .setParameter("submission", submissionId)
            .setParameter("agent", agentId)
            .setParameter("since", now)
            .setParameter("message", message)
            .executeUpdate()
        == 1;
  }
}
