package org.rlarena.auth.user;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import java.util.Optional;
import java.util.UUID;

/** All accounts. */
@ApplicationScoped
class Users implements PanacheRepositoryBase<User, UUID> {

  /** A living account by e-mail address or username, whatever the case of the letters. */
  Optional<User> byLogin(String login) {
    return find(
            "(lower(email) = lower(?1) or lower(username) = lower(?1)) and status <> ?2",
            login,
            User.Status.DELETED)
        .firstResultOptional();
  }

  /** An account that may act, by its name, whatever the case of the letters. */
  Optional<User> active(String username) {
    if (username.indexOf('\0') >= 0) {
      return Optional.empty(); // nobody is called what PostgreSQL cannot hold
    }
    return find("lower(username) = lower(?1) and status = ?2", username, User.Status.ACTIVE)
        .firstResultOptional();
  }

  /** Whether either is in use already, whatever the case of the letters. */
  boolean taken(String username, String email) {
    return count("lower(username) = lower(?1) or lower(email) = lower(?2)", username, email) > 0;
  }

  /** A living account, its row locked until the transaction ends. */
  Optional<User> lock(UUID id) {
    return findByIdOptional(id, LockModeType.PESSIMISTIC_WRITE)
        .filter(user -> user.status() != User.Status.DELETED);
  }

  /** A living account. */
  Optional<User> living(UUID id) {
    return findByIdOptional(id).filter(user -> user.status() != User.Status.DELETED);
  }
}
