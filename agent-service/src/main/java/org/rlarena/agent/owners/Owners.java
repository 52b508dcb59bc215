package org.rlarena.agent.owners;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.UUID;

/** All users this service has heard of. Every method that locks or writes needs a transaction. */
@ApplicationScoped
public class Owners implements PanacheRepositoryBase<Owner, UUID> {

  /**
   * The user's row, locked until the transaction ends, which makes what one user creates a
   * sequence. A token can be faster than {@code user.changed}: an unknown user gets a row with the
   * token's name that the first event replaces.
   */
  public Owner lock(UUID userId, String usernameOfToken) {
    getEntityManager()
        .createNativeQuery(
            "insert into owner (user_id, username, sequence) values (:id, :name, 0)"
                + " on conflict (user_id) do nothing")
        .setParameter("id", userId)
        .setParameter("name", usernameOfToken)
        .executeUpdate();
    return findById(userId, LockModeType.PESSIMISTIC_WRITE);
  }

  /** Takes over a user's name unless a later event or a tombstone is there. */
  public void rename(UUID userId, String username, long sequence) {
    getEntityManager()
        .createNativeQuery(
            "insert into owner (user_id, username, sequence) values (:id, :name, :sequence)"
                + " on conflict (user_id) do update"
                + " set username = excluded.username, sequence = excluded.sequence"
                + " where owner.sequence < excluded.sequence and not owner.deleted")
        .setParameter("id", userId)
        .setParameter("name", username)
        .setParameter("sequence", sequence)
        .executeUpdate();
  }

  /** Leaves a tombstone, whatever was or will be heard of this user. */
  public void bury(UUID userId, long sequence) {
    getEntityManager()
        .createNativeQuery(
            "insert into owner (user_id, username, sequence, deleted)"
                + " values (:id, 'deleted user', :sequence, true)"
                + " on conflict (user_id) do update set username = excluded.username,"
                + " sequence = greatest(owner.sequence, excluded.sequence), deleted = true")
        .setParameter("id", userId)
        .setParameter("sequence", sequence)
        .executeUpdate();
  }
}
