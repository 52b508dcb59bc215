package org.rlarena.auth.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.hibernate.exception.ConstraintViolationException;
import org.rlarena.auth.AuthError;
import org.rlarena.outbox.Outbox;

/**
 * Changes to accounts. Each is one transaction of the row and its event; a process that dies before
 * the commit has changed nothing, one that dies after it leaves the event to the outbox's relay.
 */
@ApplicationScoped
class Accounts {

  private final Users users;
  private final Outbox outbox;
  private final EntityManager entities;
  private final Clock clock;

  Accounts(Users users, Outbox outbox, EntityManager entities, Clock clock) {
    this.users = users;
    this.outbox = outbox;
    this.entities = entities;
    this.clock = clock;
  }

  /**
   * Opens an account.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code user_exists}
   */
  @Transactional
  User open(String username, String email, String passwordHash, String fullName) {
    if (users.taken(username, email)) {
      throw exists();
    }
    User user = new User(username, email, passwordHash, fullName, clock.instant());
    try {
      users.persistAndFlush(user);
    } catch (ConstraintViolationException e) {
      // somebody else took the name between the question and the answer
      throw exists();
    }
    outbox.add(UserEvents.changed(user, List.of()));
    return user;
  }

  /**
   * Overwrites the profile.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code user_not_found}
   */
  @Transactional
  User describe(UUID id, String fullName, String avatarUrl) {
    User user = locked(id);
    user.describe(fullName, avatarUrl, clock.instant());
    return user;
  }

  /** Ends one token before its time; a repeat changes nothing. */
  @Transactional
  void logOut(UUID id, String jti, Instant expiresAt) {
    User user = locked(id);
    int rows =
        entities
            .createNativeQuery(
                """
                insert into logged_out_token (jti, user_id, expires_at) values (?1, ?2, ?3)
                on conflict do nothing
                """)
            .setParameter(1, jti)
            .setParameter(2, id)
            .setParameter(3, expiresAt)
            .executeUpdate();
    if (rows > 0) {
      user.changed(clock.instant());
      outbox.add(UserEvents.changed(user, loggedOut(id)));
    }
  }

  /** Deletes the account; its agents follow when agent-service reads of it. */
  @Transactional
  void delete(UUID id) {
    User user = locked(id);
    user.delete(clock.instant());
    outbox.add(UserEvents.deleted(user));
  }

  private List<UserEvents.LoggedOut> loggedOut(UUID id) {
    return entities
        .createQuery(
            """
            select new org.rlarena.auth.user.UserEvents$LoggedOut(t.jti, t.expiresAt)
            from LoggedOutToken t where t.userId = ?1 and t.expiresAt > ?2
            order by t.expiresAt, t.jti
            """,
            UserEvents.LoggedOut.class)
        .setParameter(1, id)
        .setParameter(2, clock.instant())
        .getResultList();
  }

  private User locked(UUID id) {
    return users
        .lock(id)
        .orElseThrow(
            () -> AuthError.USER_NOT_FOUND.because("This account does not exist any more."));
  }

  private static RuntimeException exists() {
    return AuthError.USER_EXISTS.because(
        "An account with this username or e-mail address exists already."
            + " Log in, or choose another one.");
  }
}
