package org.rlarena.auth.user;

import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import org.rlarena.access.Caller;
import org.rlarena.auth.AuthError;
import org.rlarena.auth.CallingClient;
import org.rlarena.auth.throttle.LoginThrottle;

/** What the caller logs in with: password, e-mail address, username. */
@Path("/api/v1/users/me")
@RolesAllowed("user")
public class CredentialsResource {

  private final Accounts accounts;
  private final Users users;
  private final Passwords passwords;
  private final PasswordPolicy policy;
  private final LoginThrottle throttle;
  private final CallingClient client;
  private final Caller caller;

  CredentialsResource(
      Accounts accounts,
      Users users,
      Passwords passwords,
      PasswordPolicy policy,
      LoginThrottle throttle,
      CallingClient client,
      Caller caller) {
    this.accounts = accounts;
    this.users = users;
    this.passwords = passwords;
    this.policy = policy;
    this.throttle = throttle;
    this.client = client;
    this.caller = caller;
  }

  /**
   * Another password.
   *
   * @param currentPassword the one that still holds
   * @param newPassword 8 to 256 characters, any
   */
  @RegisterForReflection
  public record NewPassword(
      @NotNull @Size(max = AuthResource.MAX_PASSWORD) String currentPassword,
      @NotNull @Size(min = 8, max = AuthResource.MAX_PASSWORD) String newPassword) {

    @Override
    public String toString() {
      return "NewPassword[]";
    }
  }

  /** Another e-mail address, confirmed by the password. */
  @RegisterForReflection
  public record NewEmail(
      @NotBlank @Email(regexp = AuthResource.ADDRESS) @Size(max = 254) String email,
      @NotNull @Size(max = AuthResource.MAX_PASSWORD) String currentPassword) {

    @Override
    public String toString() {
      return "NewEmail[]";
    }
  }

  /** Another username. */
  @RegisterForReflection
  public record NewUsername(@Username String username) {}

  /**
   * Takes another password and ends every session of the account, in every service within two
   * seconds; the answer holds the token of a new one: 200, {@code wrong_password}, {@code
   * password_too_common}, {@code too_many_attempts}.
   */
  @PUT
  @Path("/password")
  public LoggedInAnswer password(@Valid @NotNull NewPassword wanted) {
    Texts.refuseNul(wanted.currentPassword(), wanted.newPassword());
    String checked = checked(wanted.currentPassword());
    User user = users.living(caller.userId()).orElseThrow(CredentialsResource::gone);
    policy.check(wanted.newPassword(), user.username(), user.email());
    Accounts.LoggedIn loggedIn =
        accounts.changePassword(
            caller.userId(),
            caller.token().getTokenID(),
            checked,
            passwords.hash(wanted.newPassword()),
            client.seen());
    return LoggedInAnswer.of(loggedIn.user(), loggedIn.grant());
  }

  /**
   * Takes another e-mail address: 200, {@code wrong_password}, {@code user_exists}, {@code
   * too_many_attempts}. Tokens name the old one until they are renewed.
   */
  @PUT
  @Path("/email")
  public ProfileResource.ChangedAnswer email(@Valid @NotNull NewEmail wanted) {
    Texts.refuseNul(wanted.currentPassword(), wanted.email());
    String checked = checked(wanted.currentPassword());
    User user = accounts.changeEmail(caller.userId(), checked, wanted.email().strip());
    return new ProfileResource.ChangedAnswer(
        "E-mail address changed.", ProfileResource.Me.of(user));
  }

  /**
   * Takes another username: 200, {@code user_exists}. Other services show it when they have read of
   * it; tokens name the old one until they are renewed.
   */
  @PUT
  @Path("/username")
  public ProfileResource.ChangedAnswer username(@Valid @NotNull NewUsername wanted) {
    User user = accounts.changeUsername(caller.userId(), wanted.username());
    return new ProfileResource.ChangedAnswer("Username changed.", ProfileResource.Me.of(user));
  }

  /** The stored hash that the password matches. */
  private String checked(String password) {
    String hash =
        users
            .living(caller.userId())
            .map(User::passwordHash)
            .orElseThrow(CredentialsResource::gone);
    // as many tries as a log-in has: a token that was stolen must not find out the password
    boolean right =
        throttle.judge(
            "password of " + caller.userId(),
            client.seen().address(),
            () -> passwords.matches(password, hash));
    if (!right) {
      throw AuthError.WRONG_PASSWORD.because("The current password is not right.");
    }
    return hash;
  }

  private static RuntimeException gone() {
    return AuthError.USER_NOT_FOUND.because("This account does not exist any more.");
  }
}
