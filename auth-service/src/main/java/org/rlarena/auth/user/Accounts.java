package org.rlarena.auth.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.exception.ConstraintViolationException;
import org.rlarena.access.AuditLog;
import org.rlarena.auth.AuthError;
import org.rlarena.auth.CallingClient;
import org.rlarena.auth.session.Grant;
import org.rlarena.auth.session.Rotation;
import org.rlarena.auth.session.Session;
import org.rlarena.auth.session.Sessions;
import org.rlarena.auth.token.IssuedTokens;
import org.rlarena.outbox.Outbox;

/**
 * Changes to accounts. Each is one transaction of the row and its event; a process that dies before
 * the commit has changed nothing, one that dies after it leaves the event to the outbox's relay.
 * What ends tokens names them in that event, and every service refuses them once it has read it.
 */
@ApplicationScoped
class Accounts {

  private final Users users;
  private final Sessions sessions;
  private final IssuedTokens issued;
  private final Outbox outbox;
  private final AuditLog audit;
  private final Event<AccountDeleted> deleted;
  private final Clock clock;

  Accounts(
      Users users,
      Sessions sessions,
      IssuedTokens issued,
      Outbox outbox,
      AuditLog audit,
      Event<AccountDeleted> deleted,
      Clock clock) {
    this.users = users;
    this.sessions = sessions;
    this.issued = issued;
    this.outbox = outbox;
    this.audit = audit;
    this.deleted = deleted;
    this.clock = clock;
  }

  /** A user with what a log-in brought. */
  record LoggedIn(User user, Grant grant) {}

  /** A user with the outcome of a refresh. */
  record Refreshed(Optional<User> user, Rotation rotation) {}

  /**
   * Opens an account and its first session.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code user_exists}
   */
  @Transactional
  LoggedIn open(NewAccount wanted, CallingClient.Seen client, boolean renewable) {
    User user = open(wanted, User.USER);
    return new LoggedIn(user, sessions.open(user.holder(), client, renewable));
  }

  private User open(NewAccount wanted, String role) {
    if (users.taken(wanted.username(), wanted.email())) {
      throw exists();
    }
    User user =
        new User(
            wanted.username(),
            wanted.email(),
            wanted.passwordHash(),
            wanted.fullName(),
            role,
            clock.instant());
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
   * Opens the account of an administrator.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code user_exists}
   */
  @Transactional
  void openAdmin(NewAccount wanted) {
    User user = open(wanted, User.ADMIN);
    audit.add(
        null, "configuration", "user.role-admin", user.id().toString(), "the first administrator");
  }

  /** Whether there is an administrator who may act. */
  @Transactional
  boolean hasAdmin() {
    return users.count("role = ?1 and status = ?2", User.ADMIN, User.Status.ACTIVE) > 0;
  }

  /** An account to be opened. */
  record NewAccount(String username, String email, String passwordHash, String fullName) {

    @Override
    public String toString() {
      return "NewAccount[username=" + username + "]";
    }
  }

  /**
   * Opens a session for somebody whose password was checked.
   *
   * @param checkedHash the hash it was checked against: if the password was changed meanwhile, the
   *     old one must not open a session after all others were ended
   * @return empty if the account, or its password, is not what it was
   */
  @Transactional
  Optional<LoggedIn> logIn(
      UUID id, String checkedHash, CallingClient.Seen client, boolean renewable) {
    return users
        .lock(id)
        .filter(user -> user.isActive() && user.passwordHash().equals(checkedHash))
        .map(user -> opened(user, client, renewable));
  }

  private LoggedIn opened(User user, CallingClient.Seen client, boolean renewable) {
    boolean full = sessions.isFull(user.id());
    Grant grant = sessions.open(user.holder(), client, renewable);
    if (full) {
      // another session has made room, and services have to hear of it
      publishChange(user);
    }
    return new LoggedIn(user, grant);
  }

  /** Uses a refresh token. A second use ends its session, and that is committed too. */
  @Transactional
  Refreshed refresh(String refreshToken, CallingClient.Seen client) {
    Optional<User> user =
        sessions.ownerOf(refreshToken).flatMap(users::lock).filter(User::isActive);
    if (user.isEmpty()) {
      return new Refreshed(user, new Rotation.Unknown());
    }
    Rotation rotation = sessions.rotate(refreshToken, user.get().holder(), client);
    if (rotation instanceof Rotation.Reused) {
      publishChange(user.get());
    }
    return new Refreshed(user, rotation);
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

  /**
   * Takes another password, ends all sessions and opens a new one for the caller.
   *
   * @param jti of the caller's token; its session tells whether the new one is renewable
   * @param checkedHash as for {@link #logIn}
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code user_not_found} or {@code
   *     wrong_password}
   */
  @Transactional
  LoggedIn changePassword(
      UUID id, String jti, String checkedHash, String newHash, CallingClient.Seen client) {
    User user = locked(id);
    requireUnchanged(user, checkedHash);
    boolean renewable = sessions.ofToken(id, jti).map(Session::isRenewable).orElse(false);
    user.changePassword(newHash, clock.instant());
    sessions.endAll(id, user.tokensValidFrom());
    publish(user);
    return new LoggedIn(user, sessions.open(user.holder(), client, renewable));
  }

  /**
   * Takes another e-mail address.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code user_not_found}, {@code
   *     wrong_password} or {@code user_exists}
   */
  @Transactional
  User changeEmail(UUID id, String checkedHash, String email) {
    User user = locked(id);
    requireUnchanged(user, checkedHash);
    user.moveTo(email, clock.instant());
    flushUnique();
    return user;
  }

  /**
   * Takes another name.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code user_not_found} or {@code
   *     user_exists}
   */
  @Transactional
  User changeUsername(UUID id, String username) {
    User user = locked(id);
    if (!user.username().equals(username)) {
      user.rename(username, clock.instant());
      flushUnique();
      publish(user);
    }
    return user;
  }

  /** Ends the session of a token, or the token alone if it has none; a repeat changes nothing. */
  @Transactional
  void logOut(UUID id, String jti, Instant expiresAt) {
    User user = locked(id);
    Optional<Session> session = sessions.ofToken(id, jti);
    session.ifPresent(sessions::end);
    boolean alone = issued.endOne(id, jti, expiresAt);
    if (session.isPresent() || alone) {
      publishChange(user);
    }
  }

  /** The user's sessions, and which of them the token belongs to. */
  @Transactional
  OwnSessions sessions(UUID id, String jti) {
    return new OwnSessions(sessions.of(id), sessions.ofToken(id, jti).map(Session::id));
  }

  /** A user's sessions. */
  record OwnSessions(List<Session> all, Optional<UUID> current) {}

  /**
   * Ends one session.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code session_not_found}, also for one of
   *     somebody else
   */
  @Transactional
  void endSession(UUID id, UUID sessionId) {
    User user = locked(id);
    Session session =
        sessions.of(id).stream()
            .filter(own -> own.id().equals(sessionId))
            .findFirst()
            .orElseThrow(
                () ->
                    AuthError.SESSION_NOT_FOUND.because(
                        "You have no session with this id; it may have ended already."));
    sessions.end(session);
    publishChange(user);
  }

  /** Ends all sessions but the one of this token. */
  @Transactional
  void endOtherSessions(UUID id, String jti) {
    User user = locked(id);
    Optional<UUID> current = sessions.ofToken(id, jti).map(Session::id);
    List<Session> others =
        sessions.of(id).stream()
            .filter(session -> !current.equals(Optional.of(session.id())))
            .toList();
    others.forEach(sessions::end);
    if (!others.isEmpty()) {
      publishChange(user);
    }
  }

  /** Deletes the account; its agents follow when agent-service reads of it. */
  @Transactional
  void delete(UUID id) {
    User user = locked(id);
    user.delete(clock.instant());
    sessions.endAll(id, user.tokensValidFrom());
    deleted.fire(new AccountDeleted(id));
    outbox.add(UserEvents.deleted(user));
  }

  /** Tells every service of the account and of its ended tokens. */
  void publishChange(User user) {
    user.changed(clock.instant());
    publish(user);
  }

  /** Tells every service of the account as it is now, and of its ended tokens. */
  void publish(User user) {
    outbox.add(UserEvents.changed(user, issued.ended(user.id())));
  }

  private User locked(UUID id) {
    return users
        .lock(id)
        .orElseThrow(
            () -> AuthError.USER_NOT_FOUND.because("This account does not exist any more."));
  }

  private static void requireUnchanged(User user, String checkedHash) {
    if (!user.passwordHash().equals(checkedHash)) {
      throw AuthError.WRONG_PASSWORD.because("Your password was changed a moment ago. Try again.");
    }
  }

  private void flushUnique() {
    try {
      users.flush();
    } catch (ConstraintViolationException e) {
      throw exists();
    }
  }

  private static RuntimeException exists() {
    return AuthError.USER_EXISTS.because(
        "An account with this username or e-mail address exists already."
            + " Log in, or choose another one.");
  }
}
