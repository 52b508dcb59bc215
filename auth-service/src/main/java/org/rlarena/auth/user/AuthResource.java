package org.rlarena.auth.user;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Email;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Response;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.jwt.JsonWebToken;
import org.rlarena.access.Caller;
import org.rlarena.auth.AuthError;
import org.rlarena.auth.token.Tokens;

/** Opening an account, logging in and out. */
@Path("/api/v1/auth")
public class AuthResource {

  private static final int MAX_PASSWORD = 256;

  private final Accounts accounts;
  private final Users users;
  private final Passwords passwords;
  private final Tokens tokens;
  private final Caller caller;

  AuthResource(Accounts accounts, Users users, Passwords passwords, Tokens tokens, Caller caller) {
    this.accounts = accounts;
    this.users = users;
    this.passwords = passwords;
    this.tokens = tokens;
    this.caller = caller;
  }

  /**
   * What a new user sends.
   *
   * @param username 3 to 50 letters, digits, spaces, {@code . _ -}; begins with a letter or digit
   * @param email an e-mail address, at most 254 characters
   * @param password 8 to 256 characters, any
   * @param fullName at most 100 characters; null means empty
   */
  @RegisterForReflection
  public record Registration(
      @NotBlank
          @Size(min = 3, max = 50)
          @Pattern(
              regexp = "[\\p{L}\\p{N}]([\\p{L}\\p{N} ._-]*[\\p{L}\\p{N}._-])?",
              message =
                  "must begin with a letter or digit and hold only letters, digits, spaces, . _ -")
          String username,
      @NotBlank @Email @Size(max = 254) String email,
      @NotNull @Size(min = 8, max = MAX_PASSWORD) String password,
      @Size(max = 100) String fullName) {

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
   */
  @RegisterForReflection
  public record Login(
      @Size(max = 254) String email,
      @Size(max = 254) String username,
      @NotNull @Size(max = MAX_PASSWORD) String password) {

    @Override
    public String toString() {
      return "Login[]";
    }
  }

  /**
   * A token and whom it is for.
   *
   * @param token bearer token, valid for 24 hours by default
   */
  @RegisterForReflection
  public record LoggedIn(String token, UserInfo user) {

    @Override
    public String toString() {
      return "LoggedIn[user=" + user.id() + "]";
    }
  }

  /** The account as its owner sees it; {@code avatarUrl} is always present and may be null. */
  @RegisterForReflection
  public record UserInfo(
      UUID id,
      String username,
      String email,
      String fullName,
      @JsonInclude(JsonInclude.Include.ALWAYS) String avatarUrl) {

    static UserInfo of(User user) {
      return new UserInfo(
          user.id(), user.username(), user.email(), user.fullName(), user.avatarUrl());
    }
  }

  /** Opens an account and logs it in: 201; {@code user_exists} when the name is taken. */
  @POST
  @Path("/register")
  public Response register(@Valid @NotNull Registration registration) {
    Texts.refuseNul(registration.email(), registration.fullName(), registration.password());
    String fullName = registration.fullName() == null ? "" : registration.fullName().strip();
    String hash = passwords.hash(registration.password());
    User user =
        accounts.open(registration.username(), registration.email().strip(), hash, fullName);
    return Response.status(Response.Status.CREATED).entity(loggedIn(user)).build();
  }

  /**
   * Logs in by e-mail address or username: 200; {@code invalid_credentials} whichever of the two is
   * wrong, in the same time.
   */
  @POST
  @Path("/login")
  public LoggedIn login(@Valid @NotNull Login login) {
    String name = login.email() != null ? login.email() : login.username();
    if (name == null || name.isBlank()) {
      throw AuthError.INVALID_TEXT.because("Give your e-mail address in `email`.");
    }
    Texts.refuseNul(name, login.password());
    Optional<User> user = users.byLogin(name.strip());
    if (user.isEmpty()) {
      passwords.matchesNobody(login.password());
      throw invalidCredentials();
    }
    if (!passwords.matches(login.password(), user.get().passwordHash())) {
      throw invalidCredentials();
    }
    if (user.get().status() == User.Status.BANNED) {
      throw AuthError.ACCOUNT_BANNED.because("This account is banned. Ask an administrator why.");
    }
    return loggedIn(user.get());
  }

  /** Ends the presented token, in every service within two seconds: 204. */
  @POST
  @Path("/logout")
  @RolesAllowed("user")
  public void logout() {
    JsonWebToken token = caller.token();
    accounts.logOut(
        caller.userId(), token.getTokenID(), Instant.ofEpochSecond(token.getExpirationTime()));
  }

  private LoggedIn loggedIn(User user) {
    String token = tokens.forUser(user.id(), user.username(), user.email(), user.role());
    return new LoggedIn(token, UserInfo.of(user));
  }

  private static RuntimeException invalidCredentials() {
    return AuthError.INVALID_CREDENTIALS.because("Invalid email or password.");
  }
}
