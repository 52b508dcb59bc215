package org.rlarena.auth.user;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.auth.AuthError;
import org.rlarena.auth.token.Holder;

/**
 * The lock of a user's row, for other features that issue and end tokens: what they do and a ban, a
 * log-out or a change of password come one after the other. Needs a running transaction.
 */
@ApplicationScoped
@Transactional(Transactional.TxType.MANDATORY)
public class UserLock {

  private final Users users;
  private final Accounts accounts;

  UserLock(Users users, Accounts accounts) {
    this.users = users;
    this.accounts = accounts;
  }

  /** The user, locked; empty if the account may not act. */
  public Optional<Holder> lockActive(UUID id) {
    return users.lock(id).filter(User::isActive).map(User::holder);
  }

  /**
   * The user, locked.
   *
   * @throws io.quarkiverse.resteasy.problem.HttpProblem {@code user_not_found}
   */
  public Holder require(UUID id) {
    return users
        .lock(id)
        .map(User::holder)
        .orElseThrow(
            () -> AuthError.USER_NOT_FOUND.because("This account does not exist any more."));
  }

  /** Tells every service which of the user's tokens have ended. */
  public void publishEndedTokens(UUID id) {
    users.lock(id).ifPresent(accounts::publishChange);
  }
}
