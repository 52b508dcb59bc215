package org.rlarena.auth.user;

import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.rlarena.access.Caller;
import org.rlarena.auth.AuthError;
import org.rlarena.auth.CallingClient;
import org.rlarena.auth.session.Grant;
import org.rlarena.auth.session.Rotation;
import org.rlarena.auth.throttle.LoginThrottle;

/** Opening an account, logging in, going on, logging out. */
@Path("/api/v1/auth")
public class AuthResource {

  static final int MAX_PASSWORD = 256;

  /** Beside what {@link Email} asks for, which takes any sign in a host's name. */
  static final String ADDRESS = ".*@[\\p{L}\\p{N}.-]+";

  private final Accounts accounts;
  private final Users users;
  private final Passwords passwords;
  private final PasswordPolicy policy;
  private final LoginThrottle throttle;
  private final CallingClient client;
  private final Caller caller;

  AuthResource(
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
   * What a new user sends.
   *
   * @param email an e-mail address, at most 254 characters
   * @param password 8 to 256 characters, any
   * @param fullName at most 100 characters; null means empty
   * @param refresh whether to answer with a short token and a refresh token; null means no
   */
  @RegisterForReflection
  public record Registration(
      @Username String username,
      @NotBlank @Email(regexp = ADDRESS) @Size(max = 254) String email,
      @NotNull @Size(min = 8, max = MAX_PASSWORD) String password,
      @Size(max = 100) String fullName,
      Boolean refresh) {

    @Override
    public String toString() {
      return "Registration[username=" + username + "]";
    }
  }

  /**
   * What a user logs in with.
   *
   * @param email e-mail address or username
   * @param username may stand in for {@code email}
   * @param password the password
   * @param refresh whether to answer with a short token and a refresh token; null means no
   */
  @RegisterForReflection
  public record Login(
      @Size(max = 254) String email,
      @Size(max = 254) String username,
      @NotNull @Size(max = MAX_PASSWORD) String password,
      Boolean refresh) {

    @Override
    public String toString() {
      return "Login[]";
    }
  }

  /**
   * What a renewable session goes on with.
   *
   * @param refreshToken the newest one of the session
   */
  @RegisterForReflection
  public record RefreshRequest(@NotBlank @Size(max = 200) String refreshToken) {

    @Override
    public String toString() {
      return "RefreshRequest[]";
    }
  }

  /**
   * Opens an account and logs it in: 201; {@code user_exists} when the name is taken, {@code
   * password_too_common}.
   */
  @POST
  @Path("/register")
  @APIResponse(
      responseCode = "201",
      description = "The account is open, and logged in",
      content = @Content(schema = @Schema(implementation = LoggedInAnswer.class)))
  public Response register(@Valid @NotNull Registration registration) {
    Texts.refuseNul(registration.email(), registration.fullName(), registration.password());
    policy.check(registration.password(), registration.username(), registration.email());
    String fullName = registration.fullName() == null ? "" : registration.fullName().strip();
    String hash = passwords.hash(registration.password());
    Accounts.LoggedIn opened =
        accounts.open(
            new Accounts.NewAccount(
                registration.username(), registration.email().strip(), hash, fullName),
            client.seen(),
            Boolean.TRUE.equals(registration.refresh()));
    return Response.status(Response.Status.CREATED).entity(answer(opened)).build();
  }

  /**
   * Logs in by e-mail address or username: 200; {@code invalid_credentials} whichever of the two is
   * wrong, in the same time; {@code too_many_attempts} after too many of those.
   */
  @POST
  @Path("/login")
  public LoggedInAnswer login(@Valid @NotNull Login login) {
    String name = login.email() != null ? login.email() : login.username();
    if (name == null || name.isBlank()) {
      throw AuthError.INVALID_TEXT.because("Give your e-mail address in `email`.");
    }
    Texts.refuseNul(name, login.password());
    passwords.refuseCrowd();
    CallingClient.Seen from = client.seen();
    Optional<User> user = users.byLogin(name.strip());
    boolean right =
        throttle.judge(
            name.strip(),
            from.address(),
            () ->
                user.map(User::passwordHash)
                    .map(hash -> passwords.matches(login.password(), hash))
                    .orElseGet(() -> passwords.matchesNobody(login.password())));
    if (!right || user.isEmpty()) {
      throw invalidCredentials();
    }
    if (user.get().status() == User.Status.BANNED) {
      throw AuthError.ACCOUNT_BANNED.because("This account is banned. Ask an administrator why.");
    }
    return accounts
        .logIn(
            user.get().id(), user.get().passwordHash(), from, Boolean.TRUE.equals(login.refresh()))
        .map(AuthResource::answer)
        .orElseThrow(AuthResource::invalidCredentials);
  }

  /**
   * Brings the next pair of tokens and spends the presented refresh token: 200; {@code
   * refresh_token_invalid} when it is unknown or too old, {@code refresh_superseded} when another
   * request has used it within the last seconds, {@code refresh_token_reused} when it was used
   * before that: then its session is ended.
   */
  @POST
  @Path("/refresh")
  public LoggedInAnswer refresh(@Valid @NotNull RefreshRequest request) {
    Texts.refuseNul(request.refreshToken());
    Accounts.Refreshed refreshed = accounts.refresh(request.refreshToken(), client.seen());
    return switch (refreshed.rotation()) {
      case Rotation.Renewed(Grant grant) ->
          LoggedInAnswer.of(refreshed.user().orElseThrow(), grant);
      case Rotation.Unknown() ->
          throw AuthError.REFRESH_TOKEN_INVALID.because(
              "This refresh token is unknown or has expired. Log in again.");
      case Rotation.Superseded() ->
          throw AuthError.REFRESH_SUPERSEDED.because(
              "Another request has just used this refresh token. Use the one it was given.");
      case Rotation.Reused() ->
          throw AuthError.REFRESH_TOKEN_REUSED.because(
              "This refresh token was used before, so somebody may have a copy of it."
                  + " Its session was ended. Log in again.");
    };
  }

  /** Ends the session of the presented token, in every service within two seconds: 204. */
  @POST
  @Path("/logout")
  @RolesAllowed("user")
  public void logout() {
    JsonWebToken token = caller.token();
    accounts.logOut(
        caller.userId(), token.getTokenID(), Instant.ofEpochSecond(token.getExpirationTime()));
  }

  private static LoggedInAnswer answer(Accounts.LoggedIn loggedIn) {
    return LoggedInAnswer.of(loggedIn.user(), loggedIn.grant());
  }

  private static RuntimeException invalidCredentials() {
    return AuthError.INVALID_CREDENTIALS.because("Invalid email or password.");
  }
}
