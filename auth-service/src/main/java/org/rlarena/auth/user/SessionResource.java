package org.rlarena.auth.user;

import io.quarkus.runtime.annotations.RegisterForReflection;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.rlarena.access.Caller;
import org.rlarena.access.TokenScope;
import org.rlarena.auth.AuthError;
import org.rlarena.auth.session.Session;

/** Where the caller is logged in. */
@Path("/api/v1/users/me/sessions")
@RolesAllowed("user")
@TokenScope(TokenScope.NEVER)
public class SessionResource {

  private final Accounts accounts;
  private final Caller caller;

  SessionResource(Accounts accounts, Caller caller) {
    this.accounts = accounts;
    this.caller = caller;
  }

  /**
   * A session.
   *
   * @param current whether this request belongs to it
   * @param renewable whether it has a refresh token
   * @param lastUsedAt when a token was last issued for it, UTC
   * @param expiresAt when it ends at the latest, UTC
   * @param address IP address of its last log-in or refresh
   * @param userAgent what the program called itself then
   */
  @RegisterForReflection
  public record SessionView(
      UUID id,
      boolean current,
      boolean renewable,
      Instant createdAt,
      Instant lastUsedAt,
      Instant expiresAt,
      String address,
      String userAgent) {

    static SessionView of(Session session, Optional<UUID> current) {
      return new SessionView(
          session.id(),
          current.equals(Optional.of(session.id())),
          session.isRenewable(),
          session.createdAt(),
          session.lastUsedAt(),
          session.expiresAt(),
          session.address(),
          session.userAgent());
    }
  }

  /** All of them. */
  @RegisterForReflection
  public record SessionList(List<SessionView> sessions, int total) {}

  /** The caller's sessions, the one used last first: 200. */
  @GET
  public SessionList list() {
    Accounts.OwnSessions own = accounts.sessions(caller.userId(), caller.token().getTokenID());
    List<SessionView> views =
        own.all().stream().map(session -> SessionView.of(session, own.current())).toList();
    return new SessionList(views, views.size());
  }

  /** Ends one of them, in every service within two seconds: 204, {@code session_not_found}. */
  @DELETE
  @Path("/{id}")
  public void end(String id) {
    accounts.endSession(caller.userId(), parse(id));
  }

  /** Ends all but the one of this request: 204. */
  @DELETE
  public void endOthers() {
    accounts.endOtherSessions(caller.userId(), caller.token().getTokenID());
  }

  private static UUID parse(String id) {
    try {
      return UUID.fromString(id);
    } catch (IllegalArgumentException e) {
      throw AuthError.SESSION_NOT_FOUND.because("The id of a session is a UUID. Check it.");
    }
  }
}
