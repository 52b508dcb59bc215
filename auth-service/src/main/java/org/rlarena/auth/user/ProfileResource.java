package org.rlarena.auth.user;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import java.time.Instant;
import java.util.UUID;
import org.rlarena.access.Caller;
import org.rlarena.auth.AuthError;

/** The caller's own account. The gateway adds what other services know of the user. */
@Path("/api/v1/users/me")
@RolesAllowed("user")
public class ProfileResource {

  private final Accounts accounts;
  private final Users users;
  private final Caller caller;

  ProfileResource(Accounts accounts, Users users, Caller caller) {
    this.accounts = accounts;
    this.users = users;
    this.caller = caller;
  }

  /**
   * What the profile shows.
   *
   * @param fullName at most 100 characters; missing or null empties it
   * @param avatarUrl an http(s) address of at most 2000 characters; missing, null or empty removes
   *     it
   */
  @RegisterForReflection
  public record Profile(
      @Size(max = 100) String fullName,
      @Size(max = 2000)
          @Pattern(regexp = "(https?://[^\\s\"'<>]+)?", message = "must be an http(s) address")
          String avatarUrl) {}

  /** The account; {@code avatarUrl} is always present and may be null. */
  @RegisterForReflection
  public record Me(
      UUID id,
      String username,
      String email,
      String fullName,
      @JsonInclude(JsonInclude.Include.ALWAYS) String avatarUrl,
      Instant createdAt,
      Instant updatedAt) {

    static Me of(User user) {
      return new Me(
          user.id(),
          user.username(),
          user.email(),
          user.fullName(),
          user.avatarUrl(),
          user.createdAt(),
          user.updatedAt());
    }
  }

  /** The envelope of {@link Me}. */
  @RegisterForReflection
  public record MeAnswer(Me user) {}

  /** The answer to a change. */
  @RegisterForReflection
  public record ChangedAnswer(String message, Me user) {}

  /** 200; {@code user_not_found} once the account is deleted. */
  @GET
  public MeAnswer get() {
    return users
        .living(caller.userId())
        .map(user -> new MeAnswer(Me.of(user)))
        .orElseThrow(
            () -> AuthError.USER_NOT_FOUND.because("This account does not exist any more."));
  }

  /** Overwrites both fields: 200. */
  @PUT
  public ChangedAnswer put(@Valid @NotNull Profile profile) {
    Texts.refuseNul(profile.fullName());
    String fullName = profile.fullName() == null ? "" : profile.fullName().strip();
    String avatarUrl =
        profile.avatarUrl() == null || profile.avatarUrl().isEmpty() ? null : profile.avatarUrl();
    User user = accounts.describe(caller.userId(), fullName, avatarUrl);
    return new ChangedAnswer("Profile updated.", Me.of(user));
  }

  /**
   * Deletes the account with its agents, sources and logs; matches and replays stay under "deleted
   * agent": 204.
   */
  @DELETE
  public void delete() {
    accounts.delete(caller.userId());
  }
}
