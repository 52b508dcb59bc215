package org.rlarena.match.replays;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.match.matches.StoredObject;

/** What was uploaded for which attempt. */
@ApplicationScoped
class UploadedObjects {

  private final EntityManager entities;

  UploadedObjects(EntityManager entities) {
    this.entities = entities;
  }

  /** Notes an upload; a second one of the same object replaces the first. */
  void put(ObjectKind kind, UUID matchId, UUID attemptId, StoredObject object, Instant now) {
    entities
        .createNativeQuery(
            """
            insert into uploaded_object (object_key, match_id, attempt_id, kind, bytes, sha256,
              uploaded_at)
            values (:key, :match, :attempt, :kind, :bytes, :sha256, :now)
            on conflict (object_key) do update
              set bytes = excluded.bytes, sha256 = excluded.sha256,
                  uploaded_at = excluded.uploaded_at
            """)
        .setParameter("key", object.key())
        .setParameter("match", matchId)
        .setParameter("attempt", attemptId)
        .setParameter("kind", kind.name())
        .setParameter("bytes", object.bytes())
        .setParameter("sha256", object.sha256())
        .setParameter("now", now)
        .executeUpdate();
  }

  /** The attempt's object of a kind, if it was uploaded. */
  Optional<StoredObject> find(ObjectKind kind, UUID matchId, UUID attemptId) {
    @SuppressWarnings("unchecked")
    List<Object[]> rows =
        entities
            .createNativeQuery(
                "select object_key, bytes, sha256 from uploaded_object where object_key = :key",
                Object[].class)
            .setParameter("key", kind.key(matchId, attemptId))
            .getResultList();
    return rows.stream()
        .findFirst()
        .map(r -> new StoredObject((String) r[0], ((Number) r[1]).longValue(), r[2].toString()));
  }

  /** Forgets all uploads of a match. */
  void forget(UUID matchId) {
    entities
        .createNativeQuery("delete from uploaded_object where match_id = :match")
        .setParameter("match", matchId)
        .executeUpdate();
  }
}
