package org.rlarena.match.play;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.Locale;
import java.util.UUID;

/** The record of every attempt: where it was made and how it ended. */
@ApplicationScoped
class Attempts {

  /** How an attempt ended. */
  enum Ending {
    PLAYED,
    FAULT,
    RETURNED,
    LOST
  }

  private final EntityManager entities;

  Attempts(EntityManager entities) {
    this.entities = entities;
  }

  void begin(UUID id, UUID matchId, String place, Instant now) {
    entities
        .createNativeQuery(
            "insert into match_attempt (id, match_id, place, started_at)"
                + " values (:id, :match, :place, :now)")
        .setParameter("id", id)
        .setParameter("match", matchId)
        .setParameter("place", place)
        .setParameter("now", now)
        .executeUpdate();
  }

  /** Notes the ending; reason and message say more where there is more to say. */
  void end(UUID id, Ending ending, String reason, String message, Instant now) {
    entities
        .createNativeQuery(
            "update match_attempt set ending = :ending, reason = :reason, message = :message,"
                + " ended_at = :now where id = :id")
        .setParameter("ending", ending.name().toLowerCase(Locale.ROOT))
        .setParameter("reason", reason)
        .setParameter("message", message)
        .setParameter("now", now)
        .setParameter("id", id)
        .executeUpdate();
  }
}
