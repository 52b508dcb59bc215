package org.rlarena.auth.user;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.time.Instant;
import java.util.UUID;
import org.rlarena.auth.AuthError;

/** What everybody may know of an account. The gateway adds the user's agents. */
@Path("/api/v1/users/{username}")
public class PublicProfileResource {

  private final Users users;

  PublicProfileResource(Users users) {
    this.users = users;
  }

  /**
   * An account without what identifies the person: no e-mail address, no full name.
   *
   * @param avatarUrl always present, may be null
   * @param createdAt when the user joined, UTC
   */
  @RegisterForReflection
  public record PublicUser(
      UUID id,
      String username,
      @JsonInclude(JsonInclude.Include.ALWAYS) String avatarUrl,
      Instant createdAt) {}

  /** The envelope of {@link PublicUser}. */
  @RegisterForReflection
  public record PublicUserAnswer(PublicUser user) {}

  /**
   * 200, whatever the case of the letters; {@code user_not_found} for nobody, and for who is banned
   * or deleted.
   */
  @GET
  public PublicUserAnswer get(@PathParam("username") String username) {
    return users
        .active(username)
        .map(
            user ->
                new PublicUserAnswer(
                    new PublicUser(user.id(), user.username(), user.avatarUrl(), user.createdAt())))
        .orElseThrow(
            () -> AuthError.USER_NOT_FOUND.because("There is no user of this name. Check it."));
  }
}
