package org.rlarena.auth.user;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import java.util.UUID;
import org.rlarena.auth.session.Grant;

/**
 * A token and whom it is for. The last three members are there only when a refresh token was asked
 * for, so that clients of the reference system see what they know.
 *
 * @param token bearer token: valid for 24 hours by default, for 15 minutes with a refresh token
 * @param refreshToken brings the next pair, once
 * @param expiresAt when {@code token} expires, UTC
 * @param refreshExpiresAt when {@code refreshToken} expires if it is not used, UTC
 */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LoggedInAnswer(
    String token, UserInfo user, String refreshToken, Instant expiresAt, Instant refreshExpiresAt) {

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

  static LoggedInAnswer of(User user, Grant grant) {
    String token = grant.access().token();
    UserInfo info = UserInfo.of(user);
    return grant
        .refresh()
        .map(
            refresh ->
                new LoggedInAnswer(
                    token, info, refresh.secret(), grant.access().expiresAt(), refresh.expiresAt()))
        .orElseGet(() -> new LoggedInAnswer(token, info, null, null, null));
  }

  @Override
  public String toString() {
    return "LoggedInAnswer[user=" + user.id() + "]";
  }
}
