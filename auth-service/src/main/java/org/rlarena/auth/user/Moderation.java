package org.rlarena.auth.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Clock;
import java.util.Locale;
import java.util.UUID;
import org.rlarena.access.AuditLog;
import org.rlarena.access.Caller;
import org.rlarena.auth.AuthError;
import org.rlarena.auth.session.Sessions;

/**
 * What administrators do to accounts. Each deed is one transaction with its audit entry and its
 * event, so it is in force everywhere within two seconds, or it did not happen.
 */
@ApplicationScoped
public class Moderation {

  private static final int LARGEST_PAGE = 100;

  private final Users users;
  private final Accounts accounts;
  private final Sessions sessions;
  private final AuditLog audit;
  private final Clock clock;

  Moderation(Users users, Accounts accounts, Sessions sessions, AuditLog audit, Clock clock) {
    this.users = users;
    this.accounts = accounts;
    this.sessions = sessions;
    this.audit = audit;
    this.clock = clock;
  }

  /**
   * Takes the right to act.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code user_not_found}, {@code
   *     already_banned} or {@code not_yourself}
   */
  @Transactional
  public AdminUserView ban(Caller admin, UUID id, String reason) {
    User user = other(admin, id);
    if (user.status() == User.Status.BANNED) {
      throw AuthError.ALREADY_BANNED.because("This user is banned already.");
    }
    user.ban(clock.instant());
    sessions.endAll(id, user.tokensValidFrom());
    return done(admin, user, "user.banned", reason);
  }

  /**
   * Gives the right to act back.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code user_not_found} or {@code
   *     not_banned}
   */
  @Transactional
  public AdminUserView unban(Caller admin, UUID id, String reason) {
    User user = locked(id);
    if (user.status() != User.Status.BANNED) {
      throw AuthError.NOT_BANNED.because("This user is not banned.");
    }
    user.unban(clock.instant());
    return done(admin, user, "user.unbanned", reason);
  }

  /**
   * Ends all sessions and tokens; the user may log in again.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code user_not_found}
   */
  @Transactional
  public AdminUserView endSessions(Caller admin, UUID id, String reason) {
    User user = locked(id);
    user.endSessions(clock.instant());
    sessions.endAll(id, user.tokensValidFrom());
    return done(admin, user, "user.sessions-ended", reason);
  }

  /**
   * Makes an administrator of a user or the other way round; either ends all sessions.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code user_not_found}, {@code
   *     invalid_role}, {@code role_unchanged} or {@code not_yourself}
   */
  @Transactional
  public AdminUserView appoint(Caller admin, UUID id, String role, String reason) {
    if (!User.USER.equals(role) && !User.ADMIN.equals(role)) {
      throw AuthError.INVALID_ROLE.because("The role is `user` or `admin`.");
    }
    User user = other(admin, id);
    if (user.role().equals(role)) {
      throw AuthError.ROLE_UNCHANGED.because("This user has the role " + role + " already.");
    }
    user.become(role, clock.instant());
    sessions.endAll(id, user.tokensValidFrom());
    return done(admin, user, "user.role-" + role, reason);
  }

  /**
   * One account.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code user_not_found}
   */
  @Transactional
  public AdminUserView one(UUID id) {
    return AdminUserView.of(users.living(id).orElseThrow(Moderation::unknown));
  }

  /** Living accounts whose name or address begins like this, by name. */
  @Transactional
  public AdminUserView.Found search(String beginning, int page, int pageSize) {
    int size = Math.clamp(pageSize, 1, LARGEST_PAGE);
    int number = Math.clamp(page, 1, 1_000_000);
    String like = beginning.toLowerCase(Locale.ROOT).replaceAll("([\\\\%_])", "\\\\$1") + "%";
    var found =
        users.find(
            "(lower(username) like ?1 escape '\\' or lower(email) like ?1 escape '\\')"
                + " and status <> ?2 order by lower(username), id",
            like,
            User.Status.DELETED);
    return new AdminUserView.Found(
        found.range((number - 1) * size, number * size - 1).list().stream()
            .map(AdminUserView::of)
            .toList(),
        found.count(),
        number,
        size);
  }

  private AdminUserView done(Caller admin, User user, String action, String reason) {
    accounts.publish(user);
    audit.add(admin, action, user.id().toString(), reason);
    return AdminUserView.of(user);
  }

  private User other(Caller admin, UUID id) {
    if (admin.userId().equals(id)) {
      throw AuthError.NOT_YOURSELF.because("Ask another administrator to do this to you.");
    }
    return locked(id);
  }

  private User locked(UUID id) {
    return users.lock(id).orElseThrow(Moderation::unknown);
  }

  private static RuntimeException unknown() {
    return AuthError.USER_NOT_FOUND.because(
        "There is no user with this id, or the account was deleted. Check the id.");
  }
}
